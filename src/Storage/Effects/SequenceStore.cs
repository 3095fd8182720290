namespace Rqlite.Pg.Storage;

/// <summary>
/// The sequences on the writer. A value once given out is not given out again, whatever is rolled back: positions are therefore kept in memory
/// besides the table, and the next statement begins at them. An entry of its own writes into the table the advances of transactions that were
/// rolled back; an entry that is replayed carries the positions at which its statements began.
/// </summary>
/// <param name="loose">The unlogged advances, which outlive the connection.</param>
internal sealed class SequenceStore(Connection connection, LooseSequences loose) : IDisposable
{
    private const string Columns = "id, name, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value, is_called";

    /// <summary>The positions that the current command has reached.</summary>
    private readonly Dictionary<long, SequencePoint> _ofCommand = [];

    /// <summary>The sequences that the current statement has moved, with their new positions.</summary>
    private readonly Dictionary<long, SequenceDefinition> _moved = [];
    private readonly List<SequencePoint> _begun = [];
    private readonly Dictionary<long, SequencePoint> _replayed = [];
    private Mode _mode;
    private bool _touched;

    private enum Mode
    {
        Command,
        Rehearsal,
        Replay,
    }

    private OwnStatement? _byName;
    private OwnStatement? _byId;
    private OwnStatement? _move;

    /// <summary>The definition of the table, as SQLite keeps it.</summary>
    public const string Definition = """
        CREATE TABLE _rqlite_sequences(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, data_type TEXT NOT NULL, start_value BIGINT NOT NULL, min_value BIGINT NOT NULL,
            max_value BIGINT NOT NULL, increment_by BIGINT NOT NULL, cycle BOOLEAN NOT NULL, cache_size BIGINT NOT NULL,
            last_value BIGINT NOT NULL, is_called BOOLEAN NOT NULL)
        """;

    public static void CreateTable(Connection connection) => connection.Execute(Definition);

    /// <summary>The current statement has moved a sequence.</summary>
    public bool HasMoved => _moved.Count > 0;

    /// <summary>The current command has given out values.</summary>
    public bool HasGiven => _ofCommand.Count > 0;

    /// <summary>
    /// True if a draw may fill a session's cache. A session keeps the rest of a cache only if an entry has reserved it. A rehearsal cannot know
    /// whether one will, nor which of its statements the entry will hold; so there, and in its replay, a draw takes no more than its value.
    /// </summary>
    public bool FillsCaches => _mode == Mode.Command;

    /// <summary>Begins a command of an entry: the next statements belong to it.</summary>
    public void BeginCommand()
    {
        _mode = Mode.Command;
        _ofCommand.Clear();
        BeginStatement();
    }

    /// <summary>Writes into the table the positions that the command has reached, although its statements were undone.</summary>
    public void EndCommand()
    {
        foreach (var position in _ofCommand.Values)
        {
            Store(position);
        }

        _ofCommand.Clear();
    }

    /// <summary>Begins a text of a rehearsal.</summary>
    public void BeginRehearsed()
    {
        _mode = Mode.Rehearsal;
        BeginStatement();
    }

    /// <summary>Begins the replay of a text that has succeeded in a rehearsal.</summary>
    public void BeginReplayed(StatementSequences? recorded)
    {
        _mode = Mode.Replay;
        BeginStatement();
        foreach (var position in recorded?.Positions ?? [])
        {
            _replayed[position.Id] = position;
        }
    }

    /// <summary>Forgets the changes of the current statement; the values that it gave out stay given out.</summary>
    public void Abandon() => _moved.Clear();

    private void BeginStatement()
    {
        _moved.Clear();
        _begun.Clear();
        _replayed.Clear();
        _touched = false;
    }

    /// <summary>Notes that the statement asks for the values that the session has drawn.</summary>
    public void Touch() => _touched = true;

    /// <summary>The state that a replay of the current statement needs, or null.</summary>
    /// <param name="session">The values that the session had drawn before the statement, if a replay would not know them.</param>
    public StatementSequences? Record((IReadOnlyList<SequenceValue> Values, long Last)? session)
    {
        var values = _touched ? session : null;
        return _begun.Count == 0 && values is null ? null : new StatementSequences(_begun.ToArray(), values?.Values, values?.Last ?? 0);
    }

    /// <summary>Writes the positions that the statement has reached, which has just succeeded, into the table.</summary>
    public void Settle()
    {
        foreach (var definition in _moved.Values)
        {
            Store(definition.Position);
        }

        _moved.Clear();
    }

    /// <summary>Forgets an unlogged advance that the current entry records; later statements of the entry move the sequence on from there.</summary>
    public void ForgetLoose(SequencePoint point)
    {
        if (loose.Find(point.Id) == point)
        {
            loose.Remove(point.Id);
        }
    }

    /// <summary>Forgets, after the commit of a transaction, the advances that the table has caught up with.</summary>
    public void ForgetSettled()
    {
        foreach (var position in loose.All)
        {
            if (Load(ref _byId, "id", s => s.Bind(1, position.Id)) is not { } stored || stored.Position == position)
            {
                loose.Remove(position.Id);
            }
        }
    }

    /// <exception cref="SqlFunctionException">There is no sequence of that name.</exception>
    public SequenceDefinition Find(string text)
    {
        var name = RelationName.Parse(text);
        return FindByName(name) ?? throw (RelationExists(name)
            ? new SqlFunctionException("42809", $"\"{name}\" is not a sequence")
            : new SqlFunctionException("42P01", $"relation \"{name}\" does not exist"));
    }

    public SequenceDefinition? FindByName(string name) =>
        _moved.Values.FirstOrDefault(d => d.Name == name) ?? Begin(Load(ref _byName, "name", s => s.Bind(1, name)));

    public SequenceDefinition? FindById(long id) =>
        _moved.GetValueOrDefault(id) ?? Begin(Load(ref _byId, "id", s => s.Bind(1, id)));

    public bool Exists(long id) => _moved.ContainsKey(id) || Load(ref _byId, "id", s => s.Bind(1, id)) is not null;

    /// <summary>True if a relation has exactly that name.</summary>
    public bool RelationExists(string name) => Exists(name, "BINARY");

    /// <summary>True if a relation has that name in SQLite's comparison, which ignores the case of ASCII letters.</summary>
    public bool NameIsTaken(string name) => Exists(name, "NOCASE");

    private bool Exists(string name, string collation)
    {
        using var find = connection.Prepare(
            $"SELECT 1 FROM sqlite_schema WHERE name=?1 COLLATE {collation} AND type IN ('table','view','index')"
            + $" UNION ALL SELECT 1 FROM _rqlite_sequences WHERE name=?1 COLLATE {collation}");
        return find.Bind(1, name).Step() == ResultCode.Row;
    }

    /// <summary>Sets the position of a sequence; it is written into the table when the statement has succeeded.</summary>
    public void Move(SequenceDefinition definition)
    {
        _moved[definition.Id] = definition;
        switch (_mode)
        {
            case Mode.Command:
                _ofCommand[definition.Id] = definition.Position;
                break;
            case Mode.Replay:
                _replayed.Remove(definition.Id);
                break;
            default:
                loose.Set(definition.Position);
                break;
        }
    }

    public void Insert(SequenceDefinition d)
    {
        loose.NoteChange();
        connection.Execute(ViewOf(d));
        using (var insert = connection.Prepare($"INSERT INTO _rqlite_sequences({Columns}) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"))
        {
            insert.Bind(1, d.Id).Bind(2, d.Name).Bind(3, d.Type).Bind(4, d.Start).Bind(5, d.Min).Bind(6, d.Max).Bind(7, d.Increment)
                .Bind(8, d.Cycle ? 1 : 0).Bind(9, d.Cache).Bind(10, d.Value).Bind(11, d.Called ? 1 : 0).Run();
        }
    }

    public void Replace(SequenceDefinition d)
    {
        loose.NoteChange();
        using (var replace = connection.Prepare(
            "UPDATE _rqlite_sequences SET data_type=?2, start_value=?3, min_value=?4, max_value=?5, increment_by=?6, cycle=?7, cache_size=?8,"
            + " last_value=?9, is_called=?10 WHERE id=?1"))
        {
            replace.Bind(1, d.Id).Bind(2, d.Type).Bind(3, d.Start).Bind(4, d.Min).Bind(5, d.Max).Bind(6, d.Increment)
                .Bind(7, d.Cycle ? 1 : 0).Bind(8, d.Cache).Bind(9, d.Value).Bind(10, d.Called ? 1 : 0).Run();
        }

        Forget(d.Id);
    }

    public void Delete(SequenceDefinition d)
    {
        loose.NoteChange();
        using (var delete = connection.Prepare("DELETE FROM _rqlite_sequences WHERE id=?1"))
        {
            delete.Bind(1, d.Id).Run();
        }

        // A client may have dropped the view and given its name to something else.
        using (var find = connection.Prepare("SELECT 1 FROM sqlite_schema WHERE type='view' AND name=?1 AND sql=?2"))
        {
            if (find.Bind(1, d.Name).Bind(2, ViewOf(d)).Step() == ResultCode.Row)
            {
                find.Reset();
                connection.Execute($"DROP VIEW {Quoted(d.Name)}");
            }
        }

        Forget(d.Id);
    }

    public void Dispose()
    {
        _byName?.Dispose();
        _byId?.Dispose();
        _move?.Dispose();
    }

    /// <summary>A view under the sequence's name, which thereby is taken, with the columns that PostgreSQL shows of a sequence.</summary>
    private static string ViewOf(SequenceDefinition d) =>
        $"CREATE VIEW {Quoted(d.Name)}(last_value, log_cnt, is_called) AS SELECT last_value, 0, is_called FROM _rqlite_sequences WHERE id={d.Id}";

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // From here on the table's row has the position, and is rolled back together with the command that wrote it.
    private void Forget(long id)
    {
        _moved.Remove(id);
        _ofCommand.Remove(id);
        _replayed.Remove(id);
        loose.Remove(id);
    }

    /// <summary>Sets a sequence to the position last given out, which may be beyond the one in the table.</summary>
    private SequenceDefinition? Begin(SequenceDefinition? stored)
    {
        if (stored is null || Elsewhere(stored.Id) is not { } position || position == stored.Position)
        {
            return stored;
        }

        if (_mode == Mode.Rehearsal && !_begun.Contains(position))
        {
            _begun.Add(position);
        }

        return stored with { Value = position.Value, Called = position.Called };
    }

    private SequencePoint? Elsewhere(long id)
    {
        return _mode == Mode.Rehearsal ? loose.Find(id)
            : (_mode == Mode.Command ? _ofCommand : _replayed).TryGetValue(id, out var known) ? known
            : null;
    }

    private void Store(SequencePoint position)
    {
        _move ??= connection.Prepare("UPDATE _rqlite_sequences SET last_value=?2, is_called=?3 WHERE id=?1");
        _move.Bind(1, position.Id).Bind(2, position.Value).Bind(3, position.Called ? 1 : 0).Run();
    }

    private SequenceDefinition? Load(ref OwnStatement? statement, string column, Action<OwnStatement> bind)
    {
        statement ??= connection.Prepare($"SELECT {Columns} FROM _rqlite_sequences WHERE {column}=?1");
        bind(statement);
        try
        {
            return statement.Step() != ResultCode.Row ? null : new SequenceDefinition(statement.Integer(0), statement.Text(1))
            {
                Type = statement.Text(2),
                Start = statement.Integer(3),
                Min = statement.Integer(4),
                Max = statement.Integer(5),
                Increment = statement.Integer(6),
                Cycle = statement.Integer(7) != 0,
                Cache = statement.Integer(8),
                Value = statement.Integer(9),
                Called = statement.Integer(10) != 0,
            };
        }
        finally
        {
            statement.Reset();
        }
    }
}
