"""Figures of chapter 7."""
