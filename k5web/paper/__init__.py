"""What leaves K5 on paper: sheets as values in millimetres, drawn alike to PDF and into a page."""
