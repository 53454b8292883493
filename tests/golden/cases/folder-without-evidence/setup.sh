mkdir photos
echo 'not an export' > photos/notes.txt
