"""Read models that figures are counted from, and the stored series of figures."""
