"""Bringing a list, in four steps, each with an address of its own: file, columns, review, done.

Nothing is written to the customers before the last one.  Between the steps the rows stand in the database.
"""

from django.urls import URLPattern, path

from campaigns.web.imports import after, review, steps, taking_out

urlpatterns: list[URLPattern] = [
    path("customers/customers.csv", taking_out.customers_csv, name="customers_csv"),
    path("customers/imports/", steps.imports, name="imports"),
    path("customers/import/", steps.import_upload, name="import_upload"),
    path("customers/import/<int:pk>/columns/", steps.import_columns, name="import_columns"),
    path("customers/import/<int:pk>/review/", review.import_review, name="import_review"),
    path("customers/import/<int:pk>/rows/<int:number>/", review.import_mend, name="import_mend"),
    path("customers/import/<int:pk>/progress/", after.import_progress, name="import_progress"),
    path("customers/import/<int:pk>/", after.import_done, name="import_done"),
    path("customers/import/<int:pk>/undo/", after.import_undo, name="import_undo"),
    path("customers/import/<int:pk>/left-out.csv", after.import_rejected, name="import_rejected"),
]
