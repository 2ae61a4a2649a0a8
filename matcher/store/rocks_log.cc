// See rocks_log.h.
#include "store/rocks_log.h"

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <new>

#include <rocksdb/env.h>

namespace
{

class LineLogger : public rocksdb::Logger
{
  public:
    LineLogger(rocks_log_line *line, void *context)
        : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), line_(line), context_(context)
    {
    }

    using rocksdb::Logger::Logv;
    void Logv(const char *, va_list) override // below the level, as its headers are
    {
    }
    void Logv(const rocksdb::InfoLogLevel level, const char *format, va_list arguments) override
    {
        if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level > rocksdb::InfoLogLevel::FATAL_LEVEL)
            return;
        char text[512];
        vsnprintf(text, sizeof text, format, arguments);
        line_(context_, level >= rocksdb::InfoLogLevel::ERROR_LEVEL, text);
    }

  private:
    rocks_log_line *line_;
    void *context_;
};

} // namespace

// What the C API takes for a logger; it does not say so in its header.
struct rocksdb_logger_t {
    std::shared_ptr<rocksdb::Logger> rep;
};

extern "C" rocksdb_logger_t *rocks_log_new(rocks_log_line *line, void *context)
{
    auto *logger = new (std::nothrow) LineLogger(line, context);
    return logger ? new (std::nothrow) rocksdb_logger_t{std::shared_ptr<rocksdb::Logger>(logger)}
                  : nullptr;
}

extern "C" void rocks_log_free(rocksdb_logger_t *log)
{
    delete log;
}
