"""What runs Acuerdo on a machine: the database, the processes, backups, the command line."""
