"""The ``chatrec`` command, one file a subcommand."""
