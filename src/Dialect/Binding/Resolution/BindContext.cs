using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// What the binding of one statement depends on besides its text: the schema, the search path, the user, the parameters' types.
/// </summary>
internal sealed class BindContext
{
    private readonly List<Notice> _notices = [];

    /// <param name="searchPath">The schemas of search_path as they were set; <c>$user</c> stands for the schema of the user's name.</param>
    public BindContext(ISchema schema, IReadOnlyList<string> searchPath, ParameterTypes parameters)
    {
        Schema = schema;
        SearchPath = searchPath;
        Parameters = parameters;
        parameters.Context = this;
    }

    public ISchema Schema { get; }

    public IReadOnlyList<string> SearchPath { get; }

    public ParameterTypes Parameters { get; }

    public string User { get; init; } = "";

    public string Database { get; init; } = "";

    /// <summary>The whole text that was parsed, by which offsets become positions.</summary>
    public string Text { get; init; } = "";

    /// <summary>
    /// The settings and the moment by which literals are read that mean something else in other sessions: those of a definition, which keeps the values.
    /// Null where such literals are read when the statement runs.
    /// </summary>
    public ValueContext? Reads { get; init; }

    /// <summary>The literals of the text if constants shall tell which of them they are (<see cref="Const.Lift"/>); null otherwise.</summary>
    public LiteralTokens? Literals { get; init; }

    /// <summary>The schemas that unqualified names are looked for in, in order: pg_catalog comes first unless the path names it.</summary>
    public IReadOnlyList<string> EffectivePath => field ??= MakePath();

    public IReadOnlyList<Notice> Notices => _notices;

    public void Notify(Notice notice) => _notices.Add(notice);

    /// <summary>True for a schema that exists.</summary>
    public bool HasSchema(string name) => name == "pg_catalog" || Schema.FindSchema(name) is not null;

    /// <summary>The 1-based position of an error; 0 for none.</summary>
    public int PositionOf(Location location) => location.Offset < 0 ? 0
        : Text.Length == 0 ? location.Offset + 1
        : Lexer.CharacterPosition(Text, location.Offset);

    public DialectException Error(string state, string message, Location location, string? hint = null, string? detail = null) =>
        new(state, message, PositionOf(location), hint, detail);

    /// <summary>An error of a value that stands at a place of the text.</summary>
    public DialectException Error(TypeException exception, Location location) =>
        new(exception.SqlState, exception.Message, PositionOf(location), exception.Hint, exception.Detail) { Context = exception.Context };

    private List<string> MakePath()
    {
        var path = new List<string>();
        foreach (var entry in SearchPath)
        {
            var name = entry == "$user" ? User : entry;
            if (HasSchema(name) && !path.Contains(name))
            {
                path.Add(name);
            }
        }

        if (!path.Contains("pg_catalog"))
        {
            path.Insert(0, "pg_catalog");
        }

        return path;
    }
}
