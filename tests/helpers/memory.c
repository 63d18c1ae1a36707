/*
 * Looks for bytes where they should not be.
 *
 *     memory scan PID MARKER-FILE
 *         in everything that a process can read of its own memory
 *     memory core PID MARKER-FILE
 *         in what a core file of it would hold: all but the mappings left out of it (MADV_DONTDUMP)
 *     memory file PATH MARKER-FILE
 *         in a file
 *     memory allow COMMAND...
 *         runs a command whose memory others of the same user may look at
 *
 * The bytes are looked for as they are, in hexadecimal, in base64 of either alphabet wherever they
 * begin, and as a MessagePack array of integers. Prints how many bytes were searched, then each
 * form found and how often. Ends with 0 if any was found, 1 if none, 2 if it could not look.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARKER_MIN = 16, MARKER_MAX = 256, FORMS_MAX = 16, FORM_MAX = 2 * MARKER_MAX };
enum { BLOCK = 4 << 20, CANNOT = 2 };

struct form {
    const char *name;
    size_t len, found;
    uint8_t bytes[FORM_MAX];
};

struct search {
    struct form forms[FORMS_MAX];
    size_t count;
    uint8_t *block; /* BLOCK bytes, behind the last FORM_MAX of the block before */
    unsigned long long searched;
};

static void die(const char *what)
{
    fprintf(stderr, "memory: %s: %s\n", what, strerror(errno));
    exit(CANNOT);
}

static struct form *add(struct search *search, const char *name)
{
    search->forms[search->count].name = name;
    return &search->forms[search->count++];
}

static void add_hex(struct search *search, const uint8_t *marker, size_t len, const char *digits)
{
    struct form *form = add(search, "hex");

    for (size_t i = 0; i < len; i++) {
        form->bytes[form->len++] = (uint8_t)digits[marker[i] >> 4];
        form->bytes[form->len++] = (uint8_t)digits[marker[i] & 15];
    }
}

/* The digits that are the marker's alone, where it begins after so many bytes of a group of three.
 */
static void add_base64(struct search *search, const uint8_t *marker, size_t len, size_t after,
                       const char *last)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    struct form *form = add(search, "base64");

    for (size_t i = after ? 3 - after : 0; i + 3 <= len; i += 3) {
        uint32_t group =
            (uint32_t)marker[i] << 16 | (uint32_t)marker[i + 1] << 8 | (uint32_t)marker[i + 2];

        for (int shift = 18; shift >= 0; shift -= 6) {
            uint32_t digit = group >> shift & 63;

            form->bytes[form->len++] = (uint8_t)(digit < 62 ? DIGITS[digit] : last[digit - 62]);
        }
    }
}

static void add_array(struct search *search, const uint8_t *marker, size_t len)
{
    struct form *form = add(search, "array");

    for (size_t i = 0; i < len; i++) {
        if (marker[i] >= 128)
            form->bytes[form->len++] = 0xcc;
        form->bytes[form->len++] = marker[i];
    }
}

static void make_forms(struct search *search, const char *path)
{
    uint8_t marker[MARKER_MAX];
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(marker, 1, sizeof marker, file) : 0;
    struct form *plain = add(search, "plain");

    if (!file || len < MARKER_MIN)
        die(path);
    fclose(file);
    memcpy(plain->bytes, marker, len);
    plain->len = len;
    add_hex(search, marker, len, "0123456789abcdef");
    add_hex(search, marker, len, "0123456789ABCDEF");
    for (size_t after = 0; after < 3; after++) {
        add_base64(search, marker, len, after, "+/");
        add_base64(search, marker, len, after, "-_");
    }
    add_array(search, marker, len);
    memset(marker, 0, sizeof marker);
}

/* kept: bytes at the front that were searched already, as the end of what came before. */
static void search_block(struct search *search, const uint8_t *data, size_t len, size_t kept)
{
    search->searched += len - kept;
    for (size_t i = 0; i < search->count; i++) {
        struct form *form = &search->forms[i];
        size_t from = kept >= form->len ? kept - form->len + 1 : 0;
        const uint8_t *at;

        while (from < len && (at = memmem(data + from, len - from, form->bytes, form->len))) {
            form->found++;
            from = (size_t)(at - data) + 1;
        }
    }
}

/* From one offset to another; false if nothing at all can be read there. */
static bool search_range(struct search *search, int fd, uint64_t from, uint64_t to)
{
    size_t kept = 0;
    bool any = false;

    while (from < to) {
        size_t want = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ssize_t got = pread(fd, search->block + kept, want, (off_t)from);

        if (got <= 0)
            return any;
        any = true;
        from += (uint64_t)got;
        search_block(search, search->block, kept + (size_t)got, kept);
        if (kept + (size_t)got < FORM_MAX) {
            kept += (size_t)got;
            continue;
        }
        memmove(search->block, search->block + kept + (size_t)got - FORM_MAX, FORM_MAX);
        kept = FORM_MAX;
    }
    return any;
}

/* Does this line of smaps begin a mapping? From where to where; to 0 if it cannot be read. */
static bool begins_mapping(const char *line, unsigned long long *from, unsigned long long *to)
{
    unsigned long long begin, end;
    char mode[8];

    if (sscanf(line, "%llx-%llx %7s", &begin, &end, mode) != 3)
        return false;
    *from = begin;
    *to = mode[0] != 'r' || strstr(line, "[vvar") || strstr(line, "[vsyscall]") ? 0 : end;
    return true;
}

static void search_process(struct search *search, const char *pid, bool core)
{
    char path[64], line[512];
    unsigned long long from = 0, to = 0;
    FILE *maps;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(path);
    snprintf(path, sizeof path, "/proc/%s/smaps", pid);
    maps = fopen(path, "re");
    if (!maps)
        die(path);
    while (fgets(line, sizeof line, maps)) {
        /* The flags come last. */
        if (begins_mapping(line, &from, &to) || strncmp(line, "VmFlags:", 8) != 0 || to == 0)
            continue;
        if (core && strstr(line, " dd"))
            continue;
        if (!search_range(search, fd, from, to))
            die(path);
    }
    fclose(maps);
    close(fd);
}

static void search_file(struct search *search, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) < 0)
        die(path);
    search_range(search, fd, 0, (uint64_t)status.st_size);
    close(fd);
}

int main(int argc, char **argv)
{
    static struct search search;
    size_t found = 0;

    if (argc > 2 && strcmp(argv[1], "allow") == 0) {
        /* Where the system asks for no leave, there is nothing to give. */
        (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
        execvp(argv[2], argv + 2);
        die(argv[2]);
    }
    if (argc != 4)
        return CANNOT;
    make_forms(&search, argv[3]);
    search.block = malloc(BLOCK + FORM_MAX);
    if (!search.block)
        die("malloc");
    if (strcmp(argv[1], "scan") == 0 || strcmp(argv[1], "core") == 0)
        search_process(&search, argv[2], argv[1][0] == 'c');
    else if (strcmp(argv[1], "file") == 0)
        search_file(&search, argv[2]);
    else
        return CANNOT;
    printf("searched %llu\n", search.searched);
    for (size_t i = 0; i < search.count; i++) {
        found += search.forms[i].found;
        if (search.forms[i].found > 0)
            printf("%s %zu\n", search.forms[i].name, search.forms[i].found);
    }
    free(search.block);
    return found > 0 ? 0 : 1;
}
