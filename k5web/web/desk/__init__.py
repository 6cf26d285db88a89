"""The operator's desk: pages for the staff on one blueprint; `pages.py` names the modules that hang theirs on it."""
