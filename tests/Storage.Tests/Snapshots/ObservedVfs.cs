using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>
/// Makes a wrapped copy of SQLite's file system the default one before anything opens a database, so that a
/// <see cref="SimulatedDisk"/> learns of each sync SQLite makes below its root and may let it fail. Other files pass untouched.
/// </summary>
internal static unsafe class ObservedVfs
{
    private const int OpenSlot = 5;
    private const int VfsSlots = 22;
    private const int MethodSlots = 19;
    private const int ReadSlot = 2;
    private const int SyncSlot = 5;
    private const int SizeSlot = 6;
    private const int FsyncFailed = 10 | (4 << 8);

    private static readonly ConcurrentDictionary<nint, SimulatedDisk> s_disks = new();
    private static readonly ConcurrentDictionary<nint, (string Path, SimulatedDisk Disk, nint Methods)> s_files = new();
    private static readonly ConcurrentDictionary<nint, nint> s_wrapped = new();
    private static int s_nextDisk;
    private static delegate* unmanaged[Cdecl]<nint, byte*, nint*, int, int*, int> s_open;

    /// <summary>The system's file system: as laid out in <c>sqlite3_vfs</c>, three ints and then pointers.</summary>
    [ModuleInitializer]
    internal static void Register()
    {
        SqliteMemory.Install();
        SQLitePCL.Batteries_V2.Init();
        var system = sqlite3_vfs_find(null);
        var copy = (nint*)NativeMemory.Alloc(VfsSlots * (nuint)sizeof(nint));
        new ReadOnlySpan<nint>(system, VfsSlots).CopyTo(new Span<nint>(copy, VfsSlots));
        s_open = (delegate* unmanaged[Cdecl]<nint, byte*, nint*, int, int*, int>)system[OpenSlot];
        copy[2] = 0;
        copy[3] = Marshal.StringToCoTaskMemUTF8("observed");
        copy[OpenSlot] = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, nint*, int, int*, int>)&Open;
        if (sqlite3_vfs_register(copy, 1) != 0)
        {
            throw new InvalidOperationException("The observed file system was not accepted.");
        }
    }

    public static IDisposable Observe(SimulatedDisk disk)
    {
        var key = (nint)Interlocked.Increment(ref s_nextDisk);
        s_disks[key] = disk;
        return new Registration(key);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(nint vfs, byte* name, nint* file, int flags, int* outFlags)
    {
        var result = s_open(vfs, name, file, flags, outFlags);
        var path = Marshal.PtrToStringUTF8((nint)name);
        if (result == 0 && path is not null && s_disks.Values.FirstOrDefault(d => d.Contains(path)) is { } disk)
        {
            var methods = file[0];
            s_files[(nint)file] = (path, disk, methods);
            file[0] = s_wrapped.GetOrAdd(methods, Wrap);
        }

        return result;
    }

    private static nint Wrap(nint methods)
    {
        var copy = (nint*)NativeMemory.Alloc(MethodSlots * (nuint)sizeof(nint));
        new ReadOnlySpan<nint>((void*)methods, MethodSlots).CopyTo(new Span<nint>(copy, MethodSlots));
        copy[SyncSlot] = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
        return (nint)copy;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags)
    {
        var (path, disk, methods) = s_files[file];
        if (!disk.MaySync(path))
        {
            return FsyncFailed;
        }

        var result = ((delegate* unmanaged[Cdecl]<nint, int, int>)((nint*)methods)[SyncSlot])(file, flags);
        if (result == 0)
        {
            disk.Synced(path, ReadAll(file, (nint*)methods));
        }

        return result;
    }

    // Through SQLite's own descriptor: opening and closing the main file would drop the process's locks on it.
    private static byte[] ReadAll(nint file, nint* methods)
    {
        long length;
        if (((delegate* unmanaged[Cdecl]<nint, long*, int>)methods[SizeSlot])(file, &length) != 0)
        {
            throw new InvalidOperationException("No length.");
        }

        var bytes = new byte[length];
        fixed (byte* target = bytes)
        {
            if (length > 0 && ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)methods[ReadSlot])(file, target, (int)length, 0) != 0)
            {
                throw new InvalidOperationException("No content.");
            }
        }

        return bytes;
    }

    [DllImport("e_sqlite3")]
    private static extern nint* sqlite3_vfs_find(byte* name);

    [DllImport("e_sqlite3")]
    private static extern int sqlite3_vfs_register(nint* vfs, int makeDefault);

    private sealed class Registration(nint key) : IDisposable
    {
        public void Dispose() => s_disks.TryRemove(key, out _);
    }
}
