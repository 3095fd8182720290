using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster;

/// <summary>An entry of the log, its content in memory or still on disk.</summary>
internal sealed class StoredEntry : IRaftLogEntry
{
    public const byte ConfigurationFlag = 1;
    public const byte CommandFlag = 2;

    private readonly ReadOnlyMemory<byte> _content;
    private readonly LogSegment? _segment;
    private readonly RecordPlace _place;

    public StoredEntry(long index, long term, byte flags, int commandId, ReadOnlyMemory<byte> content, object? context)
    {
        Index = index;
        Term = term;
        Flags = flags;
        Command = commandId;
        Context = context;
        _content = content;
        ContentLength = content.Length;
    }

    public StoredEntry(long index, in RecordPlace place, LogSegment segment)
    {
        Index = index;
        Term = place.Term;
        Flags = place.Flags;
        Command = place.CommandId;
        ContentLength = place.Length;
        _place = place;
        _segment = segment;
    }

    private StoredEntry(BasePoint point)
    {
        Index = point.Index;
        Term = point.Term;
        IsSnapshot = true;
    }

    public long Index { get; }

    public long Term { get; }

    public byte Flags { get; }

    public int Command { get; }

    public int ContentLength { get; }

    /// <summary>The proposer's context, until the entry has been applied.</summary>
    public object? Context { get; set; }

    public bool IsSnapshot { get; }

    public bool IsConfiguration => (Flags & ConfigurationFlag) != 0;

    int? IRaftLogEntry.CommandId => (Flags & CommandFlag) != 0 ? Command : null;

    bool IDataTransferObject.IsReusable => true;

    long? IDataTransferObject.Length => ContentLength;

    /// <summary>The content; if it is on disk, it is read and checked at each call.</summary>
    public ReadOnlyMemory<byte> Content => _segment is null ? _content : _segment.Read(Index, _place);

    /// <summary>An entry for the whole log before its beginning; without bytes, since the database holds its effects.</summary>
    public static StoredEntry Before(BasePoint point) => new(point);

    bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = Content;
        return true;
    }

    ValueTask IDataTransferObject.WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        => writer.WriteAsync(Content, null, token);
}
