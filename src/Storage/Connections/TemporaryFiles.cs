using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// SQLite's temporary files of one database (sorters, materialised views, statement journals): in a folder of the database's own, which a
/// start removes, and bounded in bytes for all connections together. Statements without a <see cref="MemoryAccount"/>, which are those
/// that replay what the log says, are counted and never refused.
/// </summary>
internal sealed unsafe class TemporaryFiles
{
    public const string FolderName = "temporary";

    // How much may be written between two looks at what room is left on the disk.
    private const long BytesPerLook = 16 << 20;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nint, nint> s_methods = [];
    private static int s_last;

    private readonly string _directory;
    private readonly long _bytesMax;
    private readonly long _roomMin;
    private volatile bool _made;
    private long _used;
    private long _unlooked;

    public TemporaryFiles(StorageOptions options)
    {
        _directory = Path.Combine(Path.GetFullPath(options.Directory), FolderName);
        _bytesMax = options.TemporaryBytesMax;
        _roomMin = 2 * options.DiskReserveBytes;
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>The size of all of them.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>By how much a file is larger than the default file system's.</summary>
    public static int ExtraBytes => sizeof(Extra);

    /// <summary>Opens a temporary file through the default file system.</summary>
    /// <param name="extra">Where in <paramref name="file"/> the additional bytes begin.</param>
    /// <param name="files">A handle to the object, which must outlive the connection.</param>
    public static int Open(
        delegate* unmanaged[Cdecl]<Native.VirtualFileSystem*, byte*, nint*, int, int*, int> open,
        Native.VirtualFileSystem* fileSystem, nint* file, int extra, nint files, int flags, int* outFlags)
    {
        try
        {
            var path = Path.Combine(Target(files).MakeDirectory(), Interlocked.Increment(ref s_last).ToString(CultureInfo.InvariantCulture));
            var name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
            var code = open(fileSystem, name, file, flags, outFlags);
            if (code != ResultCode.Ok)
            {
                Marshal.FreeCoTaskMem((nint)name);
                return code;
            }

            var methods = MethodsOf(file[0], extra);
            *(Extra*)((byte*)file + extra) = new Extra { Methods = (nint*)file[0], Files = files, Name = name };
            file[0] = methods;
            return code;
        }
        catch (Exception)
        {
            // No exception may pass through SQLite.
            return ResultCode.CannotOpen;
        }
    }

    private static TemporaryFiles Target(nint files) => Unsafe.As<TemporaryFiles>(GCHandle.FromIntPtr(files).Target!);

    /// <summary>The methods of the default file system, with some put before them. In front of them stands where a file's additional bytes begin.</summary>
    private static nint MethodsOf(nint ordinary, int extra)
    {
        lock (s_lock)
        {
            if (!s_methods.TryGetValue(ordinary, out var ours))
            {
                var copy = (nint*)NativeMemory.Alloc((MethodSlots + 1) * (nuint)sizeof(nint));
                *copy++ = extra;
                new ReadOnlySpan<nint>((void*)ordinary, MethodSlots).CopyTo(new Span<nint>(copy, MethodSlots));
                copy[CloseSlot] = (nint)(delegate* unmanaged[Cdecl]<nint*, int>)&Close;
                copy[WriteSlot] = (nint)(delegate* unmanaged[Cdecl]<nint*, void*, int, long, int>)&Write;
                copy[TruncateSlot] = (nint)(delegate* unmanaged[Cdecl]<nint*, long, int>)&Truncate;
                s_methods.Add(ordinary, ours = (nint)copy);
            }

            return ours;
        }
    }

    // sqlite3_io_methods, version 3: its version and 18 methods.
    private const int MethodSlots = 19;
    private const int CloseSlot = 1;
    private const int WriteSlot = 3;
    private const int TruncateSlot = 4;

    private static Extra* ExtraOf(nint* file) => (Extra*)((byte*)file + ((nint*)file[0])[-1]);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint* file)
    {
        var extra = ExtraOf(file);
        Target(extra->Files).Give(extra->Size);
        var (methods, name) = ((nint)extra->Methods, (nint)extra->Name);
        var code = ((delegate* unmanaged[Cdecl]<nint*, int>)((nint*)methods)[CloseSlot])(file);
        Marshal.FreeCoTaskMem(name);
        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint* file, void* bytes, int length, long offset)
    {
        var extra = ExtraOf(file);
        var growth = offset + length - extra->Size;
        if (growth > 0)
        {
            if (!Target(extra->Files).TryTake(growth))
            {
                return ResultCode.Full;
            }

            extra->Size += growth;
        }

        return ((delegate* unmanaged[Cdecl]<nint*, void*, int, long, int>)extra->Methods[WriteSlot])(file, bytes, length, offset);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(nint* file, long size)
    {
        var extra = ExtraOf(file);
        if (size < extra->Size)
        {
            Target(extra->Files).Give(extra->Size - size);
            extra->Size = size;
        }

        return ((delegate* unmanaged[Cdecl]<nint*, long, int>)extra->Methods[TruncateSlot])(file, size);
    }

    private string MakeDirectory()
    {
        if (!_made)
        {
            OwnerOnly.CreateDirectory(_directory);
            _made = true;
        }

        return _directory;
    }

    private bool TryTake(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (SqliteMemory.Account is not { } account)
        {
            return true;
        }

        var refusal = used > _bytesMax ? $"temporary files may take {_bytesMax} bytes"
            : !HasRoom(bytes) ? "temporary files have filled the disk almost"
            : null;
        if (refusal is null)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        account.RefuseFile(refusal);
        return false;
    }

    private bool HasRoom(long bytes)
    {
        if (_roomMin == 0 || Interlocked.Add(ref _unlooked, bytes) < BytesPerLook)
        {
            return true;
        }

        Volatile.Write(ref _unlooked, BytesPerLook);
        try
        {
            if (new DriveInfo(_directory).AvailableFreeSpace < _roomMin)
            {
                return false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write itself will tell.
        }

        Volatile.Write(ref _unlooked, 0);
        return true;
    }

    private void Give(long bytes) => Interlocked.Add(ref _used, -bytes);

    [StructLayout(LayoutKind.Sequential)]
    private struct Extra
    {
        public nint* Methods;
        public nint Files;
        public long Size;
        public byte* Name;
    }
}
