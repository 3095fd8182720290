using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A statement that defines objects, while it is translated: what it sees, and the steps that it has so far.</summary>
internal sealed class Definition
{
    private readonly List<Step> _steps = [];
    // OIDs of this range stand for those that are drawn when the steps are applied. No object has one: those of HTTP end before.
    private const uint FirstFresh = 0xF0000000;

    private readonly List<Notice> _notices = [];
    private readonly List<MetadataOid> _fresh = [];
    private readonly TranslationContext _context;
    private readonly string _database;

    public Definition(string text, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        Text = text;
        _context = context;
        Schema = context.Schema;
        User = context.User;
        _database = context.Database;
        Bind = new BindContext(context.Schema, context.SearchPath, new ParameterTypes(declared))
        {
            User = context.User,
            Database = context.Database,
            Text = text,
            Reads = context.Moment,
        };
        Resolver = new Resolver(Bind);
        Metadata = new MetadataWriter(context.Schema is SchemaSnapshot { HasMetadata: true });
        Names = new SchemaNames(context.Schema, Bind.EffectivePath, context.User);
    }

    public string Text { get; }

    public ISchema Schema { get; private set; }

    public string User { get; }

    public BindContext Bind { get; private set; }

    public Resolver Resolver { get; private set; }

    public MetadataWriter Metadata { get; }

    /// <summary>Names as the session sees them, for messages.</summary>
    public SchemaNames Names { get; private set; }

    /// <summary>The objects that the steps so far drop.</summary>
    public HashSet<ObjectAddress> Dropped { get; } = [];

    /// <summary>A step reads values by the session's settings.</summary>
    public bool AsksSession { get; set; }

    public LoweringContext Lowering => CatalogExpressions.Lowering(Schema, Text);

    /// <summary>Goes on with the schema as the steps so far leave it.</summary>
    public void Advance(SchemaSnapshot schema)
    {
        _notices.AddRange(Bind.Notices);
        Schema = schema;
        Bind = new BindContext(schema, _context.SearchPath, Bind.Parameters) 
        {
            User = User, Database = _database, Text = Text, Reads = _context.Moment,
        };
        Resolver = new Resolver(Bind);
        Names = new SchemaNames(schema, Bind.EffectivePath, User);
    }

    /// <summary>Draws an OID for an object that a schema of this statement has, see <see cref="OidOf"/>.</summary>
    public uint Fresh()
    {
        _fresh.Add(Metadata.Draw());
        return FirstFresh + (uint)_fresh.Count - 1;
    }

    /// <summary>An OID of a schema of this statement as the metadata is to have it.</summary>
    public MetadataOid OidOf(uint oid) => oid >= FirstFresh ? _fresh[(int)(oid - FirstFresh)] : oid;

    /// <summary>Adds a statement of SQLite.</summary>
    public void Step(string sql) => _steps.Add(new Step(sql, []) { Internal = true });

    public void Step(Step step) => _steps.Add(step with { Internal = true });

    /// <summary>Adds a call of one of Storage's functions.</summary>
    public void Call(string function, params IEnumerable<string> arguments) =>
        Step($"DELETE FROM _rqlite_call WHERE {function}({string.Join(", ", arguments)})");

    public int StepCount => _steps.Count;

    public void Notify(string sqlState, string message, string? detail = null) => _notices.Add(new Notice("NOTICE", sqlState, message, detail));

    public void Warn(string sqlState, string message) => _notices.Add(new Notice("WARNING", sqlState, message));

    /// <param name="answer">The step whose count the client gets; -1 for none.</param>
    public Translation Build(string tag, int answer = -1, IReadOnlyList<PgType>? parameters = null) =>
        new([.. _steps, .. Metadata.Build()], answer, tag, parameters ?? [], null)
        {
            SchemaVersion = Schema.Version,
            Defines = true,
            AsksSession = AsksSession,
            Notices = [.. Bind.Notices, .. _notices],
        };

    public DialectException Error(string sqlState, string message, Location? location = null, string? detail = null, string? hint = null) =>
        Bind.Error(sqlState, message, location ?? Location.None, hint, detail);

    /// <summary>Runs what PostgreSQL does without the statement's text at hand: errors have no position.</summary>
    public static void WithoutPosition(Action action)
    {
        try
        {
            action();
        }
        catch (DialectException e) when (e.Position > 0)
        {
            throw new DialectException(e.SqlState, e.Message, 0, e.Hint, e.Detail);
        }
    }

    public DialectException NotSupported(string what, Location? location = null) => Error(SqlState.FeatureNotSupported, $"{what} not supported", location);

    /// <summary>The schema in which a name of a new object lies.</summary>
    public SchemaInfo SchemaOf(QualifiedName name)
    {
        var parts = name.Parts;
        if (parts.Count > 2 && parts[0] != _database)
        {
            throw Error(
                SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{string.Join('.', parts)}\"", name.Location);
        }

        if (parts.Count == 1)
        {
            return Bind.SearchPath.Select(entry => Schema.FindSchema(entry == "$user" ? User : entry)).FirstOrDefault(s => s is not null)
                ?? throw Error(SqlState.InvalidSchemaName, "no schema has been selected to create in", name.Location);
        }

        var schema = Schema.FindSchema(parts[^2]) ?? throw Error(SqlState.InvalidSchemaName, $"schema \"{parts[^2]}\" does not exist", name.Location);
        return schema.Oid is not (SystemCatalog.PgCatalog or SystemCatalog.PgToast or SystemCatalog.InformationSchema) ? schema : throw Error(
            SqlState.InsufficientPrivilege, $"permission denied to create \"{schema.Name}.{name.Name}\"",
            detail: "System catalog modifications are currently disallowed.");
    }

    /// <summary>The name in SQLite of a relation: tables of all schemas lie side by side there.</summary>
    public string SqliteName(SchemaInfo schema, string name)
    {
        var sqlite = schema.Oid == SystemCatalog.Public ? name : $"{schema.Name}.{name}";
        return sqlite.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) || sqlite.StartsWith("_rqlite_", StringComparison.OrdinalIgnoreCase)
            ? throw Error(SqlState.ReservedName, $"names that begin with \"{sqlite[..(sqlite.IndexOf('_', 1) + 1)]}\" are reserved")
            : sqlite;
    }

    /// <summary>The relation that a name means; null for none.</summary>
    public Relation? FindRelation(QualifiedName name)
    {
        var parts = name.Parts;
        if (parts.Count > 2 && parts[0] != _database)
        {
            throw Error(
                SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{string.Join('.', parts)}\"", name.Location);
        }

        return parts.Count == 1 ? Names.VisibleRelation(parts[0]) : Schema.FindRelation(parts[^2], parts[^1]);
    }

    public Relation RequireRelation(QualifiedName name, Location? location = null) => FindRelation(name)
        ?? throw Error(SqlState.UndefinedTable, $"relation \"{string.Join('.', name.Parts)}\" does not exist", location);

    /// <summary>True for a name that a relation of the schema has.</summary>
    public bool IsTaken(SchemaInfo schema, string name) => Schema.FindRelation(schema.Name, name) is not null;

    /// <summary>Refuses a name that differs from another relation's in the case of letters alone: SQLite takes the two for one.</summary>
    /// <param name="renamed">The relation that is to have the name; 0 for a new one.</param>
    /// <exception cref="DialectException">0A000.</exception>
    public void RequireDistinct(SchemaInfo schema, string name, uint renamed = 0)
    {
        var sqliteName = SqliteName(schema, name);
        if ((Schema as SchemaSnapshot)?.Relations.FirstOrDefault(relation => relation.Oid != renamed
            && relation.SqliteName.Equals(sqliteName, StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            throw NotSupported($"relation \"{name}\" beside \"{other.Name}\", whose name differs in the case of letters alone, is");
        }
    }

    /// <summary>Refuses a column's name that another column of the relation has, or has but for the case of letters.</summary>
    /// <param name="message">PostgreSQL's message for a name that is taken.</param>
    /// <exception cref="DialectException">42701, 0A000.</exception>
    public void RequireFreeColumn(IEnumerable<string> others, string name, string message)
    {
        var same = others.Where(other => other.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (same.Length > 0)
        {
            throw same.Contains(name) ? Error(SqlState.DuplicateColumn, message)
                : NotSupported($"column \"{name}\" beside \"{same[0]}\", whose name differs in the case of letters alone, is");
        }
    }

    /// <param name="renamed">The relation that is to have the name; 0 for a new one.</param>
    /// <exception cref="DialectException">42P07, 42710, 0A000.</exception>
    public void RequireFree(SchemaInfo schema, string name, bool isType, uint renamed = 0)
    {
        if (IsTaken(schema, name))
        {
            throw Error(SqlState.DuplicateTable, $"relation \"{name}\" already exists");
        }

        RequireDistinct(schema, name, renamed);

        if (isType && Schema.FindType(schema.Name, name) is not null)
        {
            throw Error(
                SqlState.DuplicateObject, $"type \"{name}\" already exists",
                hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.");
        }
    }

    /// <summary>The names of constraints in a schema, which names that are made up do not take.</summary>
    public HashSet<string> ConstraintNames(SchemaInfo schema) => Schema is not SchemaSnapshot snapshot ? [] : snapshot.Relations
        .Where(relation => relation.SchemaOid == schema.Oid).SelectMany(relation => relation.Constraints)
        .Concat(snapshot.Types.Where(type => type.SchemaOid == schema.Oid).SelectMany(type => type.Constraints))
        .Select(constraint => constraint.Name).ToHashSet(StringComparer.Ordinal);

    public uint CollationOf(uint type) => PgTypes.Find(type)?.CollationOid ?? Schema.FindType(type) switch
    {
        { Collation: not 0 } own => own.Collation,
        { Kind: 'd' } domain => CollationOf(domain.Base.Oid),
        { ElementOid: not 0 } array => CollationOf(array.ElementOid),
        _ => 0,
    };
}
