# The image of web, worker and beat: compose.yaml.
FROM node:22-slim AS front-end
WORKDIR /srv
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --from=front-end /srv/node_modules node_modules
COPY manage.py LICENSE ./
COPY lms lms
COPY cms cms
COPY courses courses
COPY competence competence
COPY templates templates
# The static files and the translations are part of the image; ENVIRONMENT=demo needs no secrets, and keeps none of its own.
RUN pybabel compile -d lms/locale -D django -l sv \
    && ENVIRONMENT=demo python manage.py collectstatic --no-input --verbosity 0 \
    && find var -mindepth 1 -maxdepth 1 ! -name static -exec rm -r {} + \
    && useradd --system --uid 10001 app \
    && install -d -o app /srv/media
USER app
EXPOSE 8000
