/* A disk that forgets and fails, between a process and the C library (LD_PRELOAD).
 *
 * It watches the files whose path begins with DISK_FILES. Writes go through, so that every process sees them, but until
 * the file is synced each is also noted in a log in the folder DISK_LOG: where, what was there before, what is there
 * now. A power cut is then a kill of the process, after which the noted writes are undone (`disk.py`): what remains is
 * what the program had asked to be made durable. A file whose folder was not synced since it was made is gone.
 *
 * The file DISK_CONTROL is shared memory: `fault` is the errno of every watched write (ENOSPC, EROFS, EIO) or 0, and
 * `clock_offset_s` is added to the wall clock. `writes`, `syncs` and `refused` count what was done, for the tests.
 *
 * Not modelled: writes through shared mappings (SQLite's -shm, which a recovery makes anew), removals and renames.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536

enum { WRITTEN = 1, TRUNCATED = 2 };

struct control {
    int64_t fault, clock_offset_s, writes, syncs, refused;
};

/* Before each note's bytes: first `before` bytes that were there, then `after` bytes that are there now. */
struct note {
    int64_t kind, offset, size_before, before, after;
};

static struct control none, *control = &none;
static char prefix[PATH_MAX], log_folder[PATH_MAX], watched_folder[PATH_MAX];
static char *names[MOST_FILES]; /* by descriptor: the name of the watched file, or NULL */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_fallocate)(int, off_t, off_t);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void watch(int fd, const char *path) {
    char absolute[PATH_MAX];
    if (fd < 0 || fd >= MOST_FILES || !prefix[0])
        return;
    if (!realpath(path, absolute))
        return;
    if (strncmp(absolute, prefix, strlen(prefix)) || strstr(absolute, "-shm") || strstr(absolute, ".lock"))
        return;
    pthread_mutex_lock(&guard);
    names[fd] = strdup(strrchr(absolute, '/') + 1);
    pthread_mutex_unlock(&guard);
}

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_fallocate = dlsym(RTLD_NEXT, "posix_fallocate64");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    const char *given = getenv("DISK_FILES");
    if (given && *given) {
        snprintf(prefix, sizeof prefix, "%s", given);
        snprintf(watched_folder, sizeof watched_folder, "%s", given);
        *strrchr(watched_folder, '/') = 0;
    }
    if ((given = getenv("DISK_LOG")))
        snprintf(log_folder, sizeof log_folder, "%s", given);
    if ((given = getenv("DISK_CONTROL"))) {
        int fd = real_open(given, O_RDWR | O_CLOEXEC);
        void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared != MAP_FAILED)
            control = shared;
        if (fd >= 0)
            real_close(fd);
    }
    for (int fd = 0; fd < 3; fd++) { /* a log that was opened by whoever started this process */
        char link[64], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
            watch(fd, path);
        }
    }
}

static int watched(int fd) { return fd >= 0 && fd < MOST_FILES && names[fd]; }

/* Whether the disk refuses to take anything now; errno says why. */
static int refuses(void) {
    if (!control->fault)
        return 0;
    __atomic_add_fetch(&control->refused, 1, __ATOMIC_RELAXED);
    errno = (int)control->fault;
    return 1;
}

static void log_path(char *path, const char *name, const char *ending) {
    if (snprintf(path, PATH_MAX, "%s/%s%s", log_folder, name, ending) >= PATH_MAX)
        abort();
}

/* Note what a write of `after` bytes at `offset` (NULL: a truncation to `offset`) is about to change. */
static void note(int fd, const void *bytes, size_t after, off_t offset) {
    struct stat found;
    char path[PATH_MAX];
    if (!log_folder[0] || fstat(fd, &found) || !S_ISREG(found.st_mode))
        return;
    size_t before = 0;
    if (offset < found.st_size) {
        before = found.st_size - offset;
        if (bytes && before > after)
            before = after;
    }
    struct note head = {bytes ? WRITTEN : TRUNCATED, offset, found.st_size, before, after};
    char *was = malloc(before + 1);
    log_path(path, names[fd], ".undo");
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int reading = real_open(self, O_RDONLY | O_CLOEXEC); /* the descriptor itself may be open for writing only */
    if (!was || reading < 0 || pread64(reading, was, before, offset) != (ssize_t)before)
        abort();
    real_close(reading);
    int to = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct iovec parts[3] = {{&head, sizeof head}, {was, before}, {(void *)bytes, bytes ? after : 0}};
    if (to < 0 || writev(to, parts, 3) != (ssize_t)(sizeof head + before + (bytes ? after : 0)))
        abort();
    real_close(to);
    free(was);
}

static int opened(int fd, const char *path, int is_new) {
    watch(fd, path);
    if (watched(fd) && is_new && log_folder[0]) {
        char marker[PATH_MAX];
        log_path(marker, names[fd], ".made");
        int made = real_open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (made >= 0)
            real_close(made);
    }
    return fd;
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
    struct stat found;
    int is_new = (flags & O_CREAT) && prefix[0] && fstatat(folder, path, &found, 0);
    if (control->fault && prefix[0] && (is_new || control->fault == EROFS) && (flags & (O_CREAT | O_WRONLY | O_RDWR)) &&
        !strncmp(path, prefix, strlen(prefix)) && !strstr(path, "-shm") && !strstr(path, ".lock") && refuses())
        return -1;
    int fd = real_openat(folder, path, flags, mode);
    return folder == AT_FDCWD || path[0] == '/' ? opened(fd, path, is_new) : fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_any(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_any(folder, path, flags, mode); }

int close(int fd) {
    if (watched(fd)) {
        pthread_mutex_lock(&guard);
        free(names[fd]);
        names[fd] = NULL;
        pthread_mutex_unlock(&guard);
    }
    return real_close(fd);
}

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t offset, int here) {
    if (refuses())
        return -1;
    pthread_mutex_lock(&guard);
    if (here) {
        struct stat found;
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        offset = appends && !fstat(fd, &found) ? found.st_size : lseek64(fd, 0, SEEK_CUR);
    }
    if (offset >= 0)
        note(fd, bytes, count, offset);
    ssize_t done = here ? real_write(fd, bytes, count) : real_pwrite(fd, bytes, count, offset);
    control->writes++;
    pthread_mutex_unlock(&guard);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return watched(fd) ? write_at(fd, bytes, count, 0, 1) : real_write(fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
    return watched(fd) ? write_at(fd, bytes, count, offset, 0) : real_pwrite(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return pwrite64(fd, bytes, count, offset); }

int ftruncate64(int fd, off_t size) {
    if (!watched(fd))
        return real_ftruncate(fd, size);
    if (refuses())
        return -1;
    pthread_mutex_lock(&guard);
    note(fd, NULL, 0, size);
    int done = real_ftruncate(fd, size);
    pthread_mutex_unlock(&guard);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off_t offset, off_t size) {
    return watched(fd) && refuses() ? (int)control->fault : real_fallocate(fd, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) { return posix_fallocate64(fd, offset, size); }

/* The file, or every file of the folder, is durable from now on: there is nothing to undo any more. */
static void forget(int fd) {
    char path[PATH_MAX];
    struct stat found, folder;
    if (!log_folder[0])
        return;
    if (watched(fd)) {
        log_path(path, names[fd], ".undo");
        int log = real_open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (log >= 0)
            real_close(log);
        return;
    }
    if (fstat(fd, &found) || !S_ISDIR(found.st_mode) || stat(watched_folder, &folder) ||
        found.st_ino != folder.st_ino || found.st_dev != folder.st_dev)
        return;
    for (int name = 0; name < MOST_FILES; name++)
        if (names[name]) {
            log_path(path, names[name], ".made");
            unlink(path);
        }
}

static int sync_by(int fd, int (*real)(int)) {
    if (watched(fd) && control->fault == EIO && refuses())
        return -1;
    pthread_mutex_lock(&guard);
    int done = real(fd);
    if (!done && prefix[0]) {
        if (watched(fd))
            control->syncs++;
        forget(fd);
    }
    pthread_mutex_unlock(&guard);
    return done;
}

int fsync(int fd) { return sync_by(fd, real_fsync); }
int fdatasync(int fd) { return sync_by(fd, real_fdatasync); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = real_clock_gettime(clock, now);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += control->clock_offset_s;
    return done;
}

time_t time(time_t *now) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (now)
        *now = found.tv_sec;
    return found.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec found;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return 0;
}
