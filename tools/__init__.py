"""Tools of the developers; nothing here is installed or imported by the application."""
