using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Shows the rows of tables with typed columns to their checks (<see cref="ITypedSchema"/>) while a statement of the writer changes them. SQLite's hook
/// can end no statement, so the first failure is kept until the statement has run. Applier's thread only.
/// </summary>
internal sealed unsafe class RowGuard : IDisposable
{
    private readonly GCHandle _self;
    private readonly Dictionary<byte[], RowCheck> _checks = new(StatementCache.TextComparer.Instance);
    private readonly Dictionary<byte[], RowCheck>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private long _stamp;

    // A statement usually changes the rows of one table, whose name SQLite passes from the same place.
    private byte* _lastName;
    private RowCheck? _last;

    public RowGuard()
    {
        _byName = _checks.GetAlternateLookup<ReadOnlySpan<byte>>();
        _self = GCHandle.Alloc(this);
    }

    /// <summary>The tables of the present schema; null if it has none.</summary>
    public ITypedTables? Tables { get; private set; }

    /// <summary>The count of schema changes for which <see cref="Tables"/> was looked at last.</summary>
    public long Definitions { get; set; } = -1;

    public SqlFunctionException? Failure { get; private set; }

    /// <summary>The object for <see cref="EntryState.Guard"/>.</summary>
    public nint Pointer => GCHandle.ToIntPtr(_self);

    public static RowGuard Of(nint pointer) => Unsafe.As<RowGuard>(GCHandle.FromIntPtr(pointer).Target!);

    /// <summary>Loads the tables, unless they are those of the present schema.</summary>
    public void Load(ITypedSchema schema, IConnectionSql sql)
    {
        var stamp = sql.SchemaStamp;
        if (stamp == _stamp)
        {
            return;
        }

        (Tables, _stamp) = (null, 0);
        _checks.Clear();
        Tables = schema.Load(sql);
        foreach (var (name, check) in Tables?.Checks ?? new Dictionary<string, RowCheck>())
        {
            _checks.Add(Encoding.UTF8.GetBytes(name), check);
        }

        _stamp = stamp;
    }

    /// <summary>Forgets the tables when another database file takes the place of this one.</summary>
    public void Forget()
    {
        (Tables, _stamp, Definitions) = (null, 0, -1);
        _checks.Clear();
    }

    public void Begin()
    {
        Failure = null;
        _lastName = null;
        _last = null;
        Tables!.Begin();
    }

    /// <summary>Called by the hook with a row that is to be stored.</summary>
    /// <param name="isNew">See <see cref="StoredRow.IsNew"/>.</param>
    public void See(nint connection, byte* table, bool isNew)
    {
        if (Failure is not null)
        {
            return;
        }

        if (table != _lastName)
        {
            _byName.TryGetValue(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(table), out _last);
            _lastName = table;
        }

        try
        {
            _last?.Invoke(new StoredRow(connection, isNew));
        }
        catch (SqlFunctionException e)
        {
            Failure = e;
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StorageException))
        {
            Failure = new SqlFunctionException("XX000", e.Message);
        }
    }

    /// <summary>Ends a statement that has run; its failure, if a row has one.</summary>
    public SqlFunctionException? Complete(IConnectionSql sql)
    {
        try
        {
            if (Failure is null)
            {
                Tables!.Complete(sql);
            }
        }
        catch (SqlFunctionException e)
        {
            Failure = e;
        }

        return Failure;
    }

    public void Dispose() => _self.Free();
}
