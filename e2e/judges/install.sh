#!/usr/bin/env bash
# Fetches the published clients in other languages that judge the faces, into .installed beside this file: the only step of
# the judges that needs package registries. What is there already is left as it is.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p .installed

# Unchanged since it was installed: nothing to do.
is_current() { cmp -s "$1" ".installed/$2"; }

# Maven's own folder may have been emptied since.
has_jars() { tr ':' '\n' <".installed/$1.classpath" | while read -r jar; do [ -e "$jar" ] || return 1; done; }

# Registries have bad moments.
patiently() { "$@" || { sleep 5; "$@"; } || { sleep 20; "$@"; }; }

for requirements in */requirements.txt; do
  name=$(dirname "$requirements")
  is_current "$requirements" "$name.txt" && continue
  rm -rf ".installed/$name"
  python3 -m venv ".installed/$name"
  patiently ".installed/$name/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
  cp "$requirements" ".installed/$name.txt"
  echo "installed $name"
done

for pom in */pom.xml; do
  name=$(dirname "$pom")
  is_current "$pom" "$name.xml" && has_jars "$name" && continue
  # The plugin's results go to a file: one line, the class path.
  patiently mvn --batch-mode --quiet --file "$pom" dependency:build-classpath -Dmdep.outputFile="$PWD/.installed/$name.classpath"
  cp "$pom" ".installed/$name.xml"
  echo "installed $name"
done
