"""Sequencing and navigation of SCORM 2004: which part comes next, and what all the parts come to. Pure.

Written after the pseudo-code of the book *Sequencing and Navigation* (4th edition), whose names of processes (NB.2.1,
SB.2.9 …) stand in the docstrings. Nothing here knows of the database, of requests, or of the clock.
"""
