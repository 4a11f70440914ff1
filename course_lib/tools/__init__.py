"""What is done with the course: the command, its parts, and the pages that are made."""
