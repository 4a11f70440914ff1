"""Chapter 90, which only the grader's tests have: an assignment whose points no chapter of the course changes."""
