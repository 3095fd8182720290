using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// A copy of SQLite's default file system whose clock somebody sets, in microseconds of which SQLite sees milliseconds, and whose temporary files
/// are bounded. Each connection that runs statements of clients is opened through one of
/// its own: SQLite's own clock is another one in each step of a statement, and in each statement of a transaction.
/// </summary>
internal sealed unsafe class ConnectionClock : IDisposable
{
    private const long JulianDayOfUnixEpoch = 210866760000000;
    private const double MillisecondsADay = 86400000.0;

    private static int s_last;

    private readonly Shim* _shim;
    private bool _registered;

    /// <param name="unixMicroseconds">Where the time is read; must outlive this object.</param>
    public ConnectionClock(long* unixMicroseconds, TemporaryFiles files)
    {
        // Looking up a file system is a first use of SQLite, which needs its allocator by then.
        SqliteMemory.Install();
        Name = $"rqlite-clock-{Interlocked.Increment(ref s_last)}";
        _shim = (Shim*)NativeMemory.AllocZeroed((nuint)sizeof(Shim));
        var ordinary = Native.sqlite3_vfs_find(null);
        if (ordinary == null || ordinary->Version < 2)
        {
            throw new StorageException(ResultCode.Internal, "SQLite has no default file system with a 64-bit clock.");
        }

        _shim->FileSystem = *ordinary;
        _shim->FileSystem.Next = null;
        _shim->FileSystem.Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        _shim->FileSystem.FileSize = Aligned(ordinary->FileSize) + TemporaryFiles.ExtraBytes;
        _shim->FileSystem.Open = &Open;
        _shim->FileSystem.CurrentTime = &CurrentTime;
        _shim->FileSystem.CurrentTimeInt64 = &CurrentTimeInt64;
        _shim->UnixMicroseconds = unixMicroseconds;
        _shim->OrdinaryOpen = ordinary->Open;
        _shim->OrdinaryFileSize = Aligned(ordinary->FileSize);
        _shim->Files = GCHandle.ToIntPtr(GCHandle.Alloc(files));
        Connection.CheckCode(Native.sqlite3_vfs_register(&_shim->FileSystem, 0), "cannot register a clock");
        _registered = true;
    }

    public string Name { get; }

    public long* UnixMicroseconds => _shim->UnixMicroseconds;

    /// <summary>Call this only after the connection that was opened through the clock is closed.</summary>
    public void Dispose()
    {
        if (_registered)
        {
            _registered = false;
            _ = Native.sqlite3_vfs_unregister(&_shim->FileSystem);
            Marshal.FreeCoTaskMem((nint)_shim->FileSystem.Name);
            GCHandle.FromIntPtr(_shim->Files).Free();
            NativeMemory.Free(_shim);
        }
    }

    private static int Aligned(int size) => (size + 7) & ~7;

    // Only temporary files have no name.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Native.VirtualFileSystem* fileSystem, byte* name, nint* file, int flags, int* outFlags)
    {
        var shim = (Shim*)fileSystem;
        return name == null
            ? TemporaryFiles.Open(shim->OrdinaryOpen, fileSystem, file, shim->OrdinaryFileSize, shim->Files, flags, outFlags)
            : shim->OrdinaryOpen(fileSystem, name, file, flags, outFlags);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CurrentTimeInt64(Native.VirtualFileSystem* fileSystem, long* result)
    {
        *result = (*((Shim*)fileSystem)->UnixMicroseconds / 1000) + JulianDayOfUnixEpoch;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CurrentTime(Native.VirtualFileSystem* fileSystem, double* result)
    {
        *result = ((*((Shim*)fileSystem)->UnixMicroseconds / 1000) + JulianDayOfUnixEpoch) / MillisecondsADay;
        return ResultCode.Ok;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Shim
    {
        public Native.VirtualFileSystem FileSystem;
        public long* UnixMicroseconds;
        public delegate* unmanaged[Cdecl]<Native.VirtualFileSystem*, byte*, nint*, int, int*, int> OrdinaryOpen;
        public int OrdinaryFileSize;
        public nint Files;
    }
}
