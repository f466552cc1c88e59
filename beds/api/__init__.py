"""The REST API: a thin door to the services. `app.create_app` makes it, `deps` says who asks."""
