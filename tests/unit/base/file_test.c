#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/file.h"
#include "base/view.h"
#include "unit/shared/scratch.h"

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static void assert_holds(const char *path, const char *text)
{
    struct bytes read;

    bytes_init(&read, 1024);
    assert_int_equal(file_read(&read, path, NULL), 0);
    assert_true(view_equal_text(bytes_view(&read), text));
    bytes_free(&read);
}

static void reads_up_to_the_maximum(void **state)
{
    const char *path = scratch_write(&scratch, "ten", "0123456789", 10);
    struct stat info;
    struct bytes read;

    (void)state;
    for (size_t max = 0; max < 10; max++) {
        bytes_init(&read, max);
        assert_int_equal(file_read(&read, path, NULL), NECTAR_ETOOBIG);
        bytes_free(&read);
    }
    for (size_t max = 10; max < 12; max++) {
        bytes_init(&read, max);
        assert_int_equal(file_read(&read, path, &info), 0);
        assert_int_equal(read.len, 10);
        assert_int_equal(info.st_size, 10);
        bytes_free(&read);
    }
}

/* Of a file without a size of its own the limit holds as well. */
static void reads_what_has_no_size(void **state)
{
    struct bytes read;

    (void)state;
    bytes_init(&read, 100000);
    assert_int_equal(file_read(&read, "/dev/zero", NULL), NECTAR_ETOOBIG);
    assert_int_equal(read.len, 100000);
    bytes_free(&read);
    bytes_init(&read, 0);
    assert_int_equal(file_read(&read, "/dev/null", NULL), 0);
    bytes_free(&read);
}

static void tells_why_it_cannot_read(void **state)
{
    struct bytes read;

    (void)state;
    bytes_init(&read, 100);
    errno = 0;
    assert_int_equal(file_read(&read, scratch_path(&scratch, "none"), NULL), NECTAR_EIO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(file_read(&read, scratch.folder, NULL) == 0, false);
    bytes_free(&read);
}

static void creates_with_mode_and_folders(void **state)
{
    const char *path = scratch_path(&scratch, "a/b//c/file");
    mode_t before = umask(0);
    struct stat info;

    (void)state;
    assert_int_equal(file_create(path, view_of_text("text\n")), 0);
    umask(before);
    assert_holds(path, "text\n");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(stat(scratch_path(&scratch, "a/b"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    assert_int_equal(scratch_count(scratch_path(&scratch, "a/b/c")), 1);
}

/* A umask that takes the owner's rights away does not make a file that cannot be read. */
static void creates_under_any_umask(void **state)
{
    mode_t before = umask(0777);
    struct stat info;
    int error = file_create(scratch_path(&scratch, "file"), view_of_text("x"));

    (void)state;
    umask(before);
    assert_int_equal(error, 0);
    assert_int_equal(stat(scratch_path(&scratch, "file"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static void never_creates_over_anything(void **state)
{
    const char *path = scratch_write(&scratch, "file", "old", 3);
    const char *link_path = scratch_path(&scratch, "dangling");

    (void)state;
    assert_int_equal(file_create(path, view_of_text("new")), NECTAR_EEXISTS);
    assert_holds(path, "old");
    assert_int_equal(symlink(scratch_path(&scratch, "nowhere"), link_path), 0);
    assert_int_equal(file_create(link_path, view_of_text("new")), NECTAR_EEXISTS);
    assert_int_equal(access(scratch_path(&scratch, "nowhere"), F_OK), -1);
    assert_int_equal(file_create(scratch.folder, view_of_text("new")), NECTAR_EEXISTS);
    assert_int_equal(scratch_count(scratch.folder), 2);
}

static void tells_why_it_cannot_create(void **state)
{
    (void)state;
    scratch_write(&scratch, "file", "", 0);
    errno = 0;
    assert_int_equal(file_create(scratch_path(&scratch, "file/below"), view_of_text("x")),
                     NECTAR_EIO);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(file_make_parents(scratch_path(&scratch, "file/below/more")), NECTAR_EIO);
}

/* In a child whose files may not grow beyond two bytes: a disk that is full. */
static int with_a_full_disk(int (*write_file)(const char *, struct nectar_view), const char *path)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit limit = {2, 2};

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(9);
        _exit(write_file(path, view_of_text("longer than that")) == NECTAR_EIO && errno == EFBIG
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_failed_write_leaves_nothing(void **state)
{
    const char *path = scratch_path(&scratch, "file");

    (void)state;
    assert_int_equal(with_a_full_disk(file_create, path), 0);
    assert_int_equal(scratch_count(scratch.folder), 0);
    scratch_write(&scratch, "file", "old", 3);
    assert_int_equal(with_a_full_disk(file_replace, path), 0);
    assert_int_equal(scratch_count(scratch.folder), 1);
    assert_holds(path, "old");
}

static void replaces_and_keeps_each_old_one(void **state)
{
    const char *path = scratch_path(&scratch, "file");
    struct stat info;

    (void)state;
    assert_int_equal(file_replace(path, view_of_text("0")), 0);
    assert_int_equal(scratch_count(scratch.folder), 1);
    /* Faster than one a second: the names need their -N. */
    for (size_t i = 1; i <= 12; i++)
        assert_int_equal(file_replace(path, view_of_text("1")), 0);
    assert_holds(path, "1");
    assert_int_equal(scratch_count(scratch.folder), 13);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static void never_replaces_a_folder(void **state)
{
    (void)state;
    errno = 0;
    assert_int_equal(file_replace(scratch.folder, view_of_text("x")), NECTAR_EIO);
    assert_int_equal(errno, EISDIR);
}

static void works_in_the_present_folder(void **state)
{
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_true(before >= 0);
    assert_int_equal(chdir(scratch.folder), 0);
    assert_int_equal(file_create("bare", view_of_text("x")), 0);
    assert_int_equal(file_replace("bare", view_of_text("y")), 0);
    assert_holds("bare", "y");
    assert_int_equal(fchdir(before), 0);
    close(before);
}

/* Killed at any moment, it leaves the whole file or none, and never a part under its name. */
static void a_kill_leaves_no_half_file(void **state)
{
    enum { SIZE = 300000, TRIES = 60 };
    char *text = malloc(SIZE);

    (void)state;
    assert_non_null(text);
    memset(text, 'k', SIZE);
    for (useconds_t i = 0; i < TRIES; i++) {
        const char *path = scratch_path(&scratch, "file");
        struct bytes read;
        pid_t child = fork();
        int error;

        assert_true(child >= 0);
        if (child == 0)
            _exit(file_create(path, (struct nectar_view){(uint8_t *)text, SIZE}) ? 1 : 0);
        usleep(i * 40);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        bytes_init(&read, SIZE + 1);
        error = file_read(&read, path, NULL);
        assert_true((error == 0 && read.len == SIZE) || (error == NECTAR_EIO && errno == ENOENT));
        bytes_free(&read);
        unlink(path);
        assert_int_equal(scratch_count(scratch.folder), 0);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_up_to_the_maximum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_what_has_no_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_why_it_cannot_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(creates_with_mode_and_folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(creates_under_any_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(never_creates_over_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_why_it_cannot_create, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces_and_keeps_each_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(never_replaces_a_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(works_in_the_present_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_kill_leaves_no_half_file, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
