using System.Buffers.Binary;
using System.IO.Hashing;
using DotNext.Net.Cluster;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Cluster;

/// <summary>The state that Raft keeps on disk besides the entries.</summary>
/// <param name="Vote">The node that this one has voted for in the term.</param>
/// <param name="CutFrom">The index from which entries are being cut off, 0 if none are: an interrupted cut is finished at the start.</param>
internal readonly record struct TermState(long Term, ClusterMemberId? Vote, long CutFrom);

/// <summary>
/// The file <c>state</c>: two slots in different blocks, written in turn, so that a write that is interrupted leaves the state before it.
/// A slot: magic (8 bytes), number of the write, term, index of <see cref="TermState.CutFrom"/> (int64 each), a byte for whether there is
/// a vote, the vote, checksum (uint64).
/// </summary>
internal sealed class TermFile : IDisposable
{
    private const int SlotDistance = 4096;
    private const int VoteOffset = 33;

    private static readonly int s_slotBytes = VoteOffset + ClusterMemberId.Size + sizeof(ulong);

    private readonly SafeFileHandle _file;
    private long _writes;

    private TermFile(SafeFileHandle file, TermState state, long writes)
    {
        _file = file;
        State = state;
        _writes = writes;
    }

    public TermState State { get; private set; }

    public static string PathIn(string directory) => Path.Combine(directory, "state");

    public static TermFile Open(string directory)
    {
        var path = PathIn(directory);
        if (!File.Exists(path))
        {
            var empty = new byte[2 * SlotDistance];
            Encode(empty, default, 1);
            DurableFile.Write(path, empty);
        }

        var content = File.ReadAllBytes(path);
        TermState? found = null;
        var writes = 0L;
        for (var slot = 0; slot < 2 && content.Length == 2 * SlotDistance; slot++)
        {
            if (TryDecode(content.AsSpan(slot * SlotDistance, s_slotBytes), out var state, out var number) && number > writes)
            {
                (found, writes) = (state, number);
            }
        }

        return new(
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read),
            found ?? throw new LogDamageException($"'{path}', which holds the term and the vote, is damaged."),
            writes);
    }

    /// <summary>Writes the state, and returns when it is on disk.</summary>
    public void Write(TermState state)
    {
        Span<byte> content = stackalloc byte[s_slotBytes];
        var number = _writes + 1;
        Encode(content, state, number);
        RandomAccess.Write(_file, content, (number + 1) % 2 * SlotDistance);
        DurableFile.FlushData(_file);
        (State, _writes) = (state, number);
    }

    public void Dispose() => _file.Dispose();

    private static void Encode(Span<byte> slot, TermState state, long number)
    {
        Magic.CopyTo(slot);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], number);
        BinaryPrimitives.WriteInt64LittleEndian(slot[16..], state.Term);
        BinaryPrimitives.WriteInt64LittleEndian(slot[24..], state.CutFrom);
        slot[32] = state.Vote is null ? (byte)0 : (byte)1;
        state.Vote.GetValueOrDefault().Format(slot[VoteOffset..]);
        var end = VoteOffset + ClusterMemberId.Size;
        BinaryPrimitives.WriteUInt64LittleEndian(slot[end..], XxHash3.HashToUInt64(slot[..end]));
    }

    private static bool TryDecode(ReadOnlySpan<byte> slot, out TermState state, out long number)
    {
        var end = VoteOffset + ClusterMemberId.Size;
        number = BinaryPrimitives.ReadInt64LittleEndian(slot[8..]);
        state = new(
            BinaryPrimitives.ReadInt64LittleEndian(slot[16..]), slot[32] == 0 ? null : new ClusterMemberId(slot[VoteOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(slot[24..]));
        return slot[..8].SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt64LittleEndian(slot[end..]) == XxHash3.HashToUInt64(slot[..end]);
    }

    private static ReadOnlySpan<byte> Magic => "RQPGTRM\x01"u8;
}
