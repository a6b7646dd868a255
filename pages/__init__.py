"""The pages of the app: one page a file, which Streamlit runs from top to bottom."""
