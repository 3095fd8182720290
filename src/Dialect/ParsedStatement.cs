using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>The part that runs a statement.</summary>
public enum StatementKind
{
    /// <summary>The database, with the text as it is.</summary>
    Run,

    /// <summary>The session: <see cref="ParsedStatement.Command"/> is set.</summary>
    Session,

    /// <summary>The session's transaction: <see cref="ParsedStatement.Command"/> is one of BEGIN, COMMIT, ROLLBACK and the savepoint commands.</summary>
    Transaction,
}

/// <summary>The kind of a statement, by its main verb.</summary>
public enum StatementVerb
{
    Other,
    Select,
    Insert,
    Update,
    Delete,
    Explain,
    Pragma,
}

/// <summary>One statement of a text, immutable; it holds for every run of the same text.</summary>
public sealed class ParsedStatement
{
    private readonly string _source;
    private readonly Lazy<IReadOnlyList<PgType?>?>? _columnHints;

    internal ParsedStatement(
        string source, int start, int end, string text, StatementVerb verb, string commandTag, SessionCommand? command,
        IReadOnlyList<PgType?> parameterCasts, int parameterCount, IReadOnlyList<KeyValuePair<string, string>>? hint, CopyOptions? copy = null, LockingClause? locking = null)
    {
        _source = source;
        Start = start;
        End = end;
        Text = text;
        Verb = verb;
        CommandTag = commandTag;
        Command = command;
        ParameterCasts = parameterCasts;
        ParameterCount = parameterCount;
        Hint = hint;
        Copy = copy;
        Locking = locking;
        Kind = command switch
        {
            null => StatementKind.Run,
            BeginTransaction or CommitTransaction or RollbackTransaction or DefineSavepoint or ReleaseSavepoint or RollbackToSavepoint =>
                StatementKind.Transaction,
            _ => StatementKind.Session,
        };
        _columnHints = verb is StatementVerb.Select or StatementVerb.Insert or StatementVerb.Update or StatementVerb.Delete
            ? new(() => SelectList.Types(this), LazyThreadSafetyMode.PublicationOnly)
            : null;
    }

    public StatementKind Kind { get; }

    public StatementVerb Verb { get; }

    /// <summary>The statement without the blanks and comments around it and without its semicolon; blanks stand for what SQLite cannot read.</summary>
    public string Text { get; }

    /// <summary>
    /// <see cref="Text"/> is not what the client wrote but a call of an internal function with constants, without parameters and columns.
    /// </summary>
    public bool Lowered { get; internal init; }

    /// <summary>As <see cref="Text"/>, as the client wrote it.</summary>
    internal string Original => Start == 0 && End == _source.Length ? _source : _source[Start..End];

    /// <summary>The statement to be translated: as the client wrote it, or the query of a COPY.</summary>
    public string Translatable => Copy is null ? Original : Text;

    /// <summary>By its first words a statement that SQLite does not have.</summary>
    internal bool IsForeign { get; init; }

    /// <summary>By its first words a statement that PostgreSQL may not have: what its grammar does not know is SQLite's.</summary>
    public bool IsSqliteOnly => !IsForeign && (Verb is StatementVerb.Other or StatementVerb.Pragma or StatementVerb.Explain || BeginsSqlite());

    /// <summary>The whole text that was parsed, which the statement keeps to tell positions in it.</summary>
    public string Source => _source;

    /// <summary>Where <see cref="Text"/> lies in the parsed text, in UTF-16 units.</summary>
    public int Start { get; }

    public int End { get; }

    /// <summary>CommandComplete's tag, still without a row count (<see cref="FormatTag"/>).</summary>
    public string CommandTag { get; }

    public SessionCommand? Command { get; }

    /// <summary>The highest n of <c>$n</c>.</summary>
    public int ParameterCount { get; }

    /// <summary>For <c>$n</c> at index n - 1 the type that a cast gives it, else null; may be shorter than <see cref="ParameterCount"/>.</summary>
    public IReadOnlyList<PgType?> ParameterCasts { get; }

    /// <summary>The settings of a leading <c>/* rqlite: consistency=none */</c> comment; null if there is none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Hint { get; }

    /// <summary>Set for a COPY … TO STDOUT: <see cref="Text"/> is then the query whose rows are sent so.</summary>
    public CopyOptions? Copy { get; }

    /// <summary>
    /// The types of the result's columns as far as the text alone tells them, null where it does not; null as a whole if the number of
    /// columns cannot be told (<c>*</c>). A column that is just <c>$n</c> is open here, see <see cref="ColumnTypes"/>.
    /// </summary>
    public IReadOnlyList<PgType?>? ColumnHints => _columnHints?.Value?.Select(hint => hint is { Oid: 0 } ? null : hint).ToArray();

    /// <summary><see cref="ColumnHints"/>, with the types of the parameters where a column is just <c>$n</c>.</summary>
    public PgType?[]? ColumnTypes(IReadOnlyList<uint> parameterTypes) => _columnHints?.Value?.Select(hint =>
        hint is not { Oid: 0 } parameter ? hint
        : parameter.Modifier >= 1 && parameter.Modifier <= parameterTypes.Count && parameterTypes[parameter.Modifier - 1] != 0
            ? new PgType(parameterTypes[parameter.Modifier - 1])
            : (PgType?)null).ToArray();

    /// <summary>The types that the surroundings of parameters give to those that <paramref name="isOpen"/> (by n - 1); null where text serves.</summary>
    /// <exception cref="DialectException">42P18: one is compared with something that may be a number or not.</exception>
    public PgType?[] InferParameters(Func<int, bool> isOpen) => ParameterInference.Infer(this, isOpen);

    /// <summary>Set if the statement has a locking clause; <see cref="Text"/> is without it.</summary>
    public LockingClause? Locking { get; }

    /// <summary>For <c>SELECT nextval('name')</c> and nothing else the name, if it is a plain one.</summary>
    public string? DrawnSequence() => Verb == StatementVerb.Select && ParameterCount == 0 && Copy is null ? SequenceDraw.NameOf(Text) : null;

    /// <summary>True if the tag carries the number of rows.</summary>
    public bool CountsRows => CommandTag is "SELECT" or "INSERT" or "UPDATE" or "DELETE" or "COPY";

    /// <summary>The whole tag, for example <c>INSERT 0 5</c>.</summary>
    public string FormatTag(long rows) => CommandTag switch
    {
        "INSERT" => string.Create(CultureInfo.InvariantCulture, $"INSERT 0 {rows}"),
        "SELECT" or "UPDATE" or "DELETE" or "COPY" => string.Create(CultureInfo.InvariantCulture, $"{CommandTag} {rows}"),
        _ => CommandTag,
    };

    // REPLACE, INSERT OR … and UPDATE OR ….
    private bool BeginsSqlite()
    {
        var lexer = new Lexer(Text);
        var head = lexer.Read();
        return head.Is(Keyword.Replace) || (head.Keyword is Keyword.Insert or Keyword.Update && lexer.Read().Is(Keyword.Or));
    }

    internal ParsedStatement AsCopy(CopyOptions copy, IReadOnlyList<KeyValuePair<string, string>>? hint) =>
        new(_source, Start, End, Text, Verb, "COPY", null, ParameterCasts, ParameterCount, hint, copy, Locking);

    /// <summary>The 1-based character position in the whole parsed text of a UTF-8 byte offset in <see cref="Text"/>; 0 for a negative offset.</summary>
    public int PositionOf(int utf8Offset)
    {
        if (utf8Offset < 0 || Lowered)
        {
            return 0;
        }

        var bytes = 0;
        var i = Start;
        for (; i < End && bytes < utf8Offset; i++)
        {
            bytes += _source[i] switch { < '\u0080' => 1, < '\u0800' => 2, >= '\uD800' and <= '\uDFFF' => 2, _ => 3 };
        }

        return Lexer.CharacterPosition(_source, i);
    }
}
