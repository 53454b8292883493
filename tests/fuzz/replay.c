/* Runs a fuzzer's function over files and folders of files, without libFuzzer: the corpus as an ordinary test. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t files;

static bool replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	rewind(file);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	bool good = size >= 0 && data && fread(data, 1, (size_t)size, file) == (size_t)size;
	fclose(file);
	if (good)
		LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	files += good;
	return good;
}

static bool replay_folder(const char *path, DIR *folder)
{
	bool good = true;
	for (struct dirent *entry; good && (entry = readdir(folder));) {
		char file[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		good = replay_file(file);
		if (!good)
			fprintf(stderr, "cannot read '%s'\n", file);
	}
	return good;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		bool good = folder ? replay_folder(argv[i], folder) : replay_file(argv[i]);
		if (folder)
			closedir(folder);
		if (!good) {
			fprintf(stderr, "cannot replay '%s'\n", argv[i]);
			return 1;
		}
	}
	printf("%zu inputs\n", files);
	return files ? 0 : 1;
}
