"""What programs with tables share, whatever their tables are.

``sqlite`` opens a program's own file; ``together`` lets writes that wait share a transaction; ``prepared`` keeps
statements compiled.
"""
