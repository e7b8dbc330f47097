-- A database for each system, of which none reads another's, for the central view, and for the API. Run once, when the cluster is created.
CREATE DATABASE accounting;
CREATE DATABASE bonus;
CREATE DATABASE payroll;
CREATE DATABASE notifications;
CREATE DATABASE view;
CREATE DATABASE api;
