"""The course's grader on other people's machines: ``gradescope`` packs a zip, ``classroom`` writes a workflow."""
