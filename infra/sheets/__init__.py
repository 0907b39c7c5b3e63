"""Reading workbooks and text files in a limited child process."""
