from acuerdo.conversations import template_urls

app_name = "conversations"
urlpatterns = [*template_urls.urlpatterns]
