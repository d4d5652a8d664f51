"""The WSGI application, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
# The ordering systems' one question, and what course packages save all the time, are answered before Django where that
# can be; all else goes through untouched.
django = get_wsgi_application()  # first: what stands in front of it has models, too
application = import_string("competence.rest_api.front.in_front_of")(django)
application = import_string("courses.scorm.commit_front.in_front_of")(application)

# What has been loaded stays for good, views included. Kept out of the collector's rounds: a page that makes ten
# thousand objects would otherwise have all of Django gone through, again and again, and take half as long again.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
