"""Models as files, and scoring new tables with them.

A fitted predictor becomes files (predictor_files), files become a zip (bundle), a zip scores a
table (scoring); whatever is read is verified first (safe_reading).
"""
