"""A results file as a workbook for finance: sheets as plain data, and one module that writes them.

``figures`` takes means and quantiles once; a module per sheet lays them out as `Sheet` values;
``build`` puts the sheets together; ``writing`` alone knows the file format, ``tidy`` the CSV.
"""
