"""Each file brings the schema one step further."""
