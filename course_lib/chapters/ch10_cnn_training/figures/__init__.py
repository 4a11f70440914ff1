"""Figures of chapter 10."""
