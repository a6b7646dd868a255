"""Sample tables for trying the app: from scikit-learn, and one that is generated."""
