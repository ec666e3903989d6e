"""What people see: one module per family of pages, its forms beside it."""
