using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The allocator that SQLite uses: the C library's, counted, and limited by the account in force on the calling thread. SQLite then undoes its
/// operation and answers SQLITE_NOMEM. Without an account there is no limit.
/// </summary>
/// <remarks>
/// SQLite calls in here from any of its functions that may allocate or free, so the GC transition of none of them may be suppressed in
/// <see cref="Native"/>.
/// </remarks>
internal static unsafe class SqliteMemory
{
    // Each block is preceded by its size. SQLite asks for blocks aligned to 8 bytes.
    private const int HeaderBytes = 8;

    // The C library serves blocks of this size without a system call as a rule, and fast enough not to hold up the garbage collector.
    private const long QuickBytesMax = 32 << 10;

    // Threads share counters, so that few of them contend for one; each has a cache line of its own.
    private const int CounterCount = 64;
    private const int CounterStride = 8;

    private static readonly long* s_counters = (long*)NativeMemory.AlignedAlloc(CounterCount * CounterStride * sizeof(long), CounterStride * sizeof(long));
    private static readonly int s_result = Configure();
    private static int s_threads;
    private static int s_trimming;

    [ThreadStatic]
    private static ThreadState? t_thread;

    /// <summary>The bytes that SQLite holds for all connections together.</summary>
    public static long InUse
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < CounterCount; i++)
            {
                sum += Volatile.Read(ref s_counters[i * CounterStride]);
            }

            return sum;
        }
    }

    /// <summary>Called before any other use of SQLite.</summary>
    /// <exception cref="StorageException">SQLite was used in this process before, so it could not be given an allocator.</exception>
    public static void Install()
    {
        if (s_result != ResultCode.Ok)
        {
            throw new StorageException(s_result, "SQLite was in use before it could be given an allocator.");
        }
    }

    /// <summary>Until the scope is disposed, SQLite's allocations on this thread may not exceed its frees by more than so many bytes.</summary>
    /// <param name="stop">Asked now and then whether the running statement has to end; if so it gets no more memory.</param>
    public static Scope Limit(long bytes, Func<bool>? stop = null) => LimitAgain(new MemoryAccount(bytes, null, stop));

    /// <summary>As <see cref="Limit(MemoryAccount)"/>, with an account that is renewed now and disposed with the scope.</summary>
    public static Scope LimitAgain(MemoryAccount account)
    {
        account.Renew();
        return new(account, owned: true);
    }

    /// <summary>Until the scope is disposed, SQLite's allocations on this thread are charged to an account. The innermost scope counts.</summary>
    public static Scope Limit(MemoryAccount account) => new(account, owned: false);

    /// <summary>
    /// Has the C library give free memory back to the system, soon and once for all that ask meanwhile: after many small blocks it keeps what one large
    /// statement has used for good.
    /// </summary>
    public static void TrimLater()
    {
        if (OperatingSystem.IsLinux() && Interlocked.Exchange(ref s_trimming, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static _ => Trim(), null);
        }
    }

    private static void Trim()
    {
        Volatile.Write(ref s_trimming, 0);
        try
        {
            _ = Native.malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc.
        }
    }

    private static int Configure()
    {
        new Span<long>(s_counters, CounterCount * CounterStride).Clear();
        var methods = new Native.MemoryMethods
        {
            Allocate = &Allocate,
            Free = &Free,
            Reallocate = &Reallocate,
            Size = &Size,
            RoundUp = &RoundUp,
            Initialize = &Initialize,
            Shutdown = &Shutdown,
        };

        // SQLite's own count would send every allocation of every connection through one mutex.
        var code = Native.sqlite3_config(Native.ConfigMemoryStatistics, 0);
        return code == ResultCode.Ok ? Native.sqlite3_config(Native.ConfigMemoryMethods, &methods) : code;
    }

    /// <summary>The account in force on this thread.</summary>
    public static MemoryAccount? Account => t_thread?.Account;

    private static ThreadState Current => t_thread ?? (t_thread = new ThreadState(s_counters + (Interlocked.Increment(ref s_threads) % CounterCount * CounterStride)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(int size)
    {
        var thread = Current;
        if (thread.Account is { } account && !account.TryTake(size))
        {
            return null;
        }

        var whole = (nuint)((uint)size + HeaderBytes);
        return Handed(thread, size <= QuickBytesMax ? Native.QuickMalloc(whole) : Native.Malloc(whole), size, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* block)
    {
        if (block == null)
        {
            return;
        }

        var start = (long*)block - 1;
        var size = *start;
        var thread = Current;
        thread.Account?.Give(size);
        Interlocked.Add(ref *thread.Counter, -size);
        if (size <= QuickBytesMax)
        {
            Native.QuickFree(start);
        }
        else
        {
            Native.Free(start);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Reallocate(void* block, int size)
    {
        var start = (long*)block - 1;
        var growth = size - *start;
        var thread = Current;
        if (thread.Account is { } account && !account.TryTake(growth, size))
        {
            return null;
        }

        var whole = (nuint)((uint)size + HeaderBytes);
        var quick = size <= QuickBytesMax && *start <= QuickBytesMax;
        return Handed(thread, quick ? Native.QuickRealloc(start, whole) : Native.Realloc(start, whole), size, growth);
    }

    private static void* Handed(ThreadState thread, long* start, long size, long growth)
    {
        if (start == null)
        {
            thread.Account?.Give(growth);
            return null;
        }

        *start = size;
        Interlocked.Add(ref *thread.Counter, growth);
        return start + 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Size(void* block) => block == null ? 0 : (int)*((long*)block - 1);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RoundUp(int size) => (size + 7) & ~7;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Initialize(void* context) => ResultCode.Ok;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Shutdown(void* context)
    {
    }

    /// <summary>An account in force on a thread; has to be disposed on the thread that opened it.</summary>
    internal readonly ref struct Scope : IDisposable
    {
        private readonly MemoryAccount _account;
        private readonly MemoryAccount? _outer;
        private readonly bool _owned;

        internal Scope(MemoryAccount account, bool owned)
        {
            var thread = Current;
            _account = account;
            _owned = owned;
            _outer = thread.Account;
            thread.Account = account;
        }

        /// <summary>The account refused an allocation, not the machine.</summary>
        public bool Exceeded => _account.Exceeded;

        /// <summary>Memory was refused because the statement has to end.</summary>
        public bool Stopped => _account.Stopped;

        /// <summary>The limit that refused an allocation, as a message for the client.</summary>
        public string Refusal => _account.Refusal;

        /// <summary>The bytes that SQLite's memory has grown by; negative if more was freed.</summary>
        public long Grown => _account.Used;

        public void Dispose()
        {
            Current.Account = _outer;
            if (_owned)
            {
                _account.Dispose();
            }
        }
    }

    private sealed class ThreadState(long* counter)
    {
        public readonly long* Counter = counter;
        public MemoryAccount? Account;
    }
}
