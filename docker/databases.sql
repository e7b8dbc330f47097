-- One database per system: none reads another's; the central view's, and the API's own. Run once, when the cluster is created.
CREATE DATABASE accounting;
CREATE DATABASE bonus;
CREATE DATABASE payroll;
CREATE DATABASE notifications;
CREATE DATABASE view;
CREATE DATABASE api;
