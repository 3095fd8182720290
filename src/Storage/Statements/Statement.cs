using System.Buffers;

namespace Rqlite.Pg.Storage;

/// <summary>One SQL statement in SQLite's dialect, UTF-8, with its parameters (<see cref="ParameterEncoding"/>), as the log carries it.</summary>
public sealed record Statement(ReadOnlyMemory<byte> Sql, ReadOnlyMemory<byte> Parameters)
{
    /// <summary>
    /// The session's settings at this statement, for one that asks for them; null for those of the caller of its batch or transaction.
    /// </summary>
    public SessionSettings? Settings { get; init; }

    /// <summary>
    /// True if the text was written by this project and not by a client, so it may call functions whose names begin with <c>_rqlite_</c>. The
    /// mark travels with the parameters, through the log and between nodes; front doors encode only values there.
    /// </summary>
    public bool IsOurs => ParameterEncoding.HasOursMark(Parameters.Span);

    /// <summary>
    /// True if this project has translated the text for the types of the columns that it writes, so that it stores nothing they cannot hold; only its
    /// triggers and foreign keys may. The mark travels as that of <see cref="IsOurs"/> does.
    /// </summary>
    public bool IsTyped => ParameterEncoding.HasTypedMark(Parameters.Span);

    /// <summary>
    /// The statement with the rights that it had in an entry of an earlier version, which had no mark: texts of this project, and clients'
    /// texts that look like them, could do what <see cref="IsOurs"/> allows.
    /// </summary>
    public Statement WithFormerRights()
    {
        var sql = Sql.Span;
        var looksSo = sql.StartsWith("DELETE FROM _rqlite_call WHERE "u8) || sql.StartsWith("SELECT _rqlite_lock_command("u8);
        return looksSo && !IsOurs ? Ours(Sql, output => output.Write(Parameters.Span)) : this;
    }

    /// <summary>
    /// The statements of a group, which take effect together as one. The group itself has no text and no parameters, and its settings hold for all.
    /// Groups are for statements that write; a reader refuses them.
    /// </summary>
    public IReadOnlyList<Statement> Steps { get; init; } = [];

    /// <summary>The step of a group whose rows and count are the answer; -1 for none.</summary>
    public int Answer { get; init; }

    /// <summary>Bytes of the texts and parameters.</summary>
    public long Bytes
    {
        get
        {
            long bytes = Sql.Length + Parameters.Length;
            for (var i = 0; i < Steps.Count; i++)
            {
                bytes += Steps[i].Bytes;
            }

            return bytes;
        }
    }

    /// <param name="answer">See <see cref="Answer"/>.</param>
    public static Statement Group(IReadOnlyList<Statement> steps, int answer) =>
        steps.Count > 0 && answer >= -1 && answer < steps.Count && steps.All(static step => step.Steps.Count == 0)
            ? new(default, default) { Steps = steps, Answer = answer }
            : throw new ArgumentException("A group has steps, one of which answers, and no groups among them.", nameof(steps));

    /// <summary>A copy, for use when the caller may have used its memory for something else.</summary>
    public Statement Copy() => this with
    {
        Sql = Sql.ToArray(),
        Parameters = Parameters.ToArray(),
        Steps = Steps.Count == 0 ? [] : [.. Steps.Select(static step => step.Copy())],
    };

    /// <summary>A statement that was translated for the types of its columns, see <see cref="IsTyped"/>.</summary>
    public static Statement Typed(ReadOnlyMemory<byte> sql, ReadOnlyMemory<byte> parameters)
    {
        var marked = new byte[parameters.Length + 1];
        parameters.CopyTo(marked.AsMemory(1));
        marked[0] = ParameterEncoding.TypedMark;
        return new Statement(sql, marked);
    }

    /// <summary>The statement without the mark of <see cref="IsTyped"/>.</summary>
    public Statement WithoutTypes() => IsTyped ? this with { Parameters = Parameters[1..] } : this;

    /// <summary>A statement whose text this project has written.</summary>
    /// <param name="writeParameters">Writes the values of its parameters.</param>
    public static Statement Ours(ReadOnlyMemory<byte> sql, Action<IBufferWriter<byte>>? writeParameters = null)
    {
        var parameters = new ArrayBufferWriter<byte>();
        ParameterEncoding.WriteOursMark(parameters);
        writeParameters?.Invoke(parameters);
        return new Statement(sql, parameters.WrittenMemory);
    }
}

/// <summary>How the statements of a batch are run. The values are part of the log's format.</summary>
[Flags]
public enum BatchOptions : byte
{
    None = 0,

    /// <summary>All statements take effect or none; the first error ends the batch.</summary>
    Atomic = 1,

    /// <summary>A read-only statement is run, but its rows are dropped and it answers as a write (rqlite's execute).</summary>
    DiscardReads = 2,

    /// <summary>A double-quoted name that is no column is a text, as SQLite's default and rqlite have it.</summary>
    DoubleQuotedText = 4,

    /// <summary>Foreign keys are enforced.</summary>
    ForeignKeys = 8,

    /// <summary>The sender has a session and waits for the advisory locks that the batch's one statement takes.</summary>
    AdvisoryLocks = 16,
}

/// <summary>Statements that travel together.</summary>
public sealed record StatementBatch(IReadOnlyList<Statement> Statements, BatchOptions Options)
{
    /// <summary>The session that sends the batch, if there is one and the statements may ask for it.</summary>
    public CallerSession? Caller { get; init; }

    /// <summary>SQLite's schema cookie that the statements were made for (<see cref="CommandResult.SchemaMoved"/>); 0 for any.</summary>
    public long SchemaVersion { get; init; }

    public bool Atomic => (Options & BatchOptions.Atomic) != 0;

    /// <summary>What fails undoes what stands before it, in other statements or in the same text: a text may hold several.</summary>
    public bool IsUndoneTogether => Atomic
        && (Statements.Count > 1 || (Statements is [{ Steps.Count: 0 } only] && only.Sql.Span.TrimEnd("; \t\r\n"u8).Contains((byte)';')));
}
