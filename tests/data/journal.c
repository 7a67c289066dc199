/* Writes down what a program does to the files of one directory, for tests/power.rs to cut the power in.
 * Preloaded; UPLINE_JOURNAL names the file that is added to, UPLINE_JOURNAL_OF the directory. Each entry: kind, length
 * of the path (4 bytes), path, offset (8), length (8), bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 1024
static char *names[FDS];
static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;

static int watched(const char *path) {
    const char *of = getenv("UPLINE_JOURNAL_OF");
    return of && path && strncmp(path, of, strlen(of)) == 0;
}

static void put(const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (real(journal, bytes, count) != (ssize_t)count) abort();
}

static void entry(char kind, const char *path, uint64_t offset, uint64_t length, const void *bytes, size_t count) {
    static int (*real)(const char *, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, "open");
    if (journal < 0) journal = real(getenv("UPLINE_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) abort();
    uint32_t path_length = strlen(path);
    put(&kind, 1);
    put(&path_length, 4);
    put(path, path_length);
    put(&offset, 8);
    put(&length, 8);
    if (count) put(bytes, count);
}

static const char *name_of(int fd) { return fd >= 0 && fd < FDS ? names[fd] : NULL; }

static int opened(const char *path, int flags, int (*real)(const char *, int, ...), mode_t mode) {
    pthread_mutex_lock(&alone);
    struct stat about;
    int fresh = (flags & O_CREAT) && watched(path) && stat(path, &about) != 0;
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < FDS) {
        free(names[fd]);
        names[fd] = watched(path) ? strdup(path) : NULL;
        if (names[fd] && fresh) entry('C', path, 0, 0, NULL, 0);
        else if (names[fd] && (flags & O_TRUNC)) entry('T', path, 0, 0, NULL, 0);
    }
    pthread_mutex_unlock(&alone);
    return fd;
}

#define OPEN(function)                                                                                              \
    int function(const char *path, int flags, ...) {                                                               \
        static int (*real)(const char *, int, ...);                                                                 \
        if (!real) real = dlsym(RTLD_NEXT, #function);                                                              \
        va_list more;                                                                                               \
        va_start(more, flags);                                                                                      \
        mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;                                                 \
        va_end(more);                                                                                               \
        return opened(path, flags, real, mode);                                                                     \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "close");
    pthread_mutex_lock(&alone);
    if (fd >= 0 && fd < FDS) {
        free(names[fd]);
        names[fd] = NULL;
    }
    int done = real(fd);
    pthread_mutex_unlock(&alone);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (!name_of(fd)) return real(fd, bytes, count);
    pthread_mutex_lock(&alone);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real(fd, bytes, count);
    if (done > 0) entry('W', names[fd], at, done, bytes, done);
    pthread_mutex_unlock(&alone);
    return done;
}

#define PWRITE(function, offset_type)                                                                               \
    ssize_t function(int fd, const void *bytes, size_t count, offset_type at) {                                     \
        static ssize_t (*real)(int, const void *, size_t, offset_type);                                             \
        if (!real) real = dlsym(RTLD_NEXT, #function);                                                              \
        pthread_mutex_lock(&alone);                                                                                 \
        ssize_t done = real(fd, bytes, count, at);                                                                  \
        if (done > 0 && name_of(fd)) entry('W', names[fd], at, done, bytes, done);                                  \
        pthread_mutex_unlock(&alone);                                                                               \
        return done;                                                                                                \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define CUT(function, length_type)                                                                                  \
    int function(int fd, length_type length) {                                                                      \
        static int (*real)(int, length_type);                                                                       \
        if (!real) real = dlsym(RTLD_NEXT, #function);                                                              \
        pthread_mutex_lock(&alone);                                                                                 \
        int done = real(fd, length);                                                                                \
        if (done == 0 && name_of(fd)) entry('T', names[fd], length, 0, NULL, 0);                                    \
        pthread_mutex_unlock(&alone);                                                                               \
        return done;                                                                                                \
    }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

/* Nothing else is written while a sync runs, so that an entry means what it says. */
#define SYNC(function)                                                                                              \
    int function(int fd) {                                                                                          \
        static int (*real)(int);                                                                                    \
        if (!real) real = dlsym(RTLD_NEXT, #function);                                                              \
        pthread_mutex_lock(&alone);                                                                                 \
        int done = real(fd);                                                                                        \
        if (done == 0 && name_of(fd)) entry('S', names[fd], 0, 0, NULL, 0);                                         \
        pthread_mutex_unlock(&alone);                                                                               \
        return done;                                                                                                \
    }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    pthread_mutex_lock(&alone);
    int done = real(from, to);
    if (done == 0 && watched(from)) entry('R', from, 0, strlen(to), to, strlen(to));
    pthread_mutex_unlock(&alone);
    return done;
}

int unlink(const char *path) {
    static int (*real)(const char *);
    if (!real) real = dlsym(RTLD_NEXT, "unlink");
    pthread_mutex_lock(&alone);
    int done = real(path);
    if (done == 0 && watched(path)) entry('U', path, 0, 0, NULL, 0);
    pthread_mutex_unlock(&alone);
    return done;
}
