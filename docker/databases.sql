-- One database per system: none reads another's; and the central view's. Run once, when the cluster is created.
CREATE DATABASE accounting;
CREATE DATABASE bonus;
CREATE DATABASE payroll;
CREATE DATABASE notifications;
CREATE DATABASE view;
