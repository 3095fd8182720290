using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Reads the keys of CREATE INDEX.</summary>
internal sealed class IndexKeys(Definition definition, Relation table)
{
    private const short Descending = 1;
    private const short NullsFirst = 2;

    private readonly List<short> _columns = [];
    private readonly List<short> _options = [];
    private readonly List<uint> _classes = [];
    private readonly List<uint> _collations = [];
    private readonly List<string> _expressions = [];
    private readonly List<Attribute> _attributes = [];

    /// <summary>The keys that are expressions, with their places from 1.</summary>
    public List<(int Place, BoundExpression Value)> Expressions { get; } = [];

    /// <summary>The parts of the name of an index that has none: columns, and what names an expression.</summary>
    public IEnumerable<string> Names => _attributes.Select(attribute => attribute.Name);

    public void Add(IndexElement element)
    {
        if (element.Column is { } name)
        {
            AddColumn(element, name);
        }
        else
        {
            AddExpression(element);
        }
    }

    public IndexInfo ToIndex(string name, bool unique, string sqliteName, IEnumerable<short> include, string? predicate) =>
        new(0, name, unique, false, [.. _columns, .. include])
        {
            KeyCount = _columns.Count,
            Options = _options,
            OperatorClasses = _classes.TrueForAll(c => c == 0) ? [] : _classes,
            Collations = _collations.TrueForAll(c => c == 0) ? [] : _collations,
            Expressions = _expressions,
            Predicate = predicate,
            SqliteName = sqliteName,
            Attributes = _attributes,
        };

    public short NumberOf(string name)
    {
        var column = table.Attributes.FirstOrDefault(attribute => attribute.Name == name && !attribute.Dropped);
        return column?.Number ?? throw definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" does not exist");
    }

    public static DialectException NoClass(Definition definition, uint type) => definition.Error(
        SqlState.UndefinedObject, $"data type {definition.Names.TypeName(type)} has no default operator class for access method \"btree\"",
        hint: "You must specify an operator class for the index or define a default operator class for the data type.");

    /// <param name="collate">The collation that an expression of the column alone names; null for none.</param>
    private void AddColumn(IndexElement element, string name, uint? collate = null)
    {
        var column = table.Attributes[NumberOf(name) - 1];
        _columns.Add(column.Number);
        AddCommon(element, column.Type, column.Collation, name, collate);
    }

    private void AddExpression(IndexElement element)
    {
        var value = ExpressionBinder.BindStandalone(element.Value!, table, ExpressionKind.IndexExpression, definition.Bind);
        uint? collation = null;
        while (value is CollateExpr collate)
        {
            // COLLATE is the key's own, in parentheses or not.
            collation ??= collate.Collation;
            value = collate.Argument;
        }

        if (value is Var { Attribute: > 0 } v)
        {
            // A column in parentheses is the column.
            AddColumn(element, table.Attributes[v.Attribute - 1].Name, collation);
            return;
        }

        _columns.Add(0);
        _expressions.Add(Deparser.Expression(value, definition.Schema, table, definition.Names));
        var name = IndexNames.Of(element.Value!);
        var unique = name;
        for (var number = 1; _attributes.Exists(attribute => attribute.Name == unique); number++)
        {
            unique = $"{name}{number}";
        }

        Expressions.Add((_columns.Count, value));
        AddCommon(element, value.Type, value.Collation, unique, collation);
    }

    private void AddCommon(IndexElement element, PgType type, uint collation, string name, uint? collate)
    {
        if (element.OperatorClassOptions.Count > 0)
        {
            throw definition.Error(SqlState.InvalidParameterValue, "operator class has no options");
        }

        var given = collate is { } named && named != collation ? named : 0u;
        if (element.Collation is { } written)
        {
            if (collation == 0)
            {
                throw definition.Error(SqlState.DatatypeMismatch, $"collations are not supported by type {definition.Names.TypeName(type.Oid)}");
            }

            given = definition.Resolver.Collation(written, element.Location);
            given = given == collation ? 0 : given;
        }

        var descending = element.Direction == SortDirection.Descending;
        var nullsFirst = element.Nulls == NullsOrder.First || (element.Nulls == NullsOrder.Default && descending);
        _options.Add((short)((descending ? Descending : 0) | (nullsFirst ? NullsFirst : 0)));
        _collations.Add(given);
        _classes.Add(ClassOf(element, type.Oid));
        _attributes.Add(new Attribute((short)(_attributes.Count + 1), name, type, given == 0 ? collation : given));
    }

    /// <summary>The operator class that is named; 0 for the type's own one.</summary>
    private uint ClassOf(IndexElement element, uint type)
    {
        var usual = Btree.DefaultOf(definition.Schema, type);
        if (element.OperatorClass is not { } name)
        {
            return usual is null ? throw NoClass(definition, type) : 0u;
        }

        var named = OperatorFamilies.Classes.FirstOrDefault(c => c.Btree && c.Name == name[^1]) ?? throw definition.Error(
            SqlState.UndefinedObject, $"operator class \"{string.Join('.', name)}\" does not exist for access method \"btree\"");
        if (named.Type != type && !definition.Resolver.IsBinaryCoercible(type, named.Type))
        {
            throw definition.Error(
                SqlState.DatatypeMismatch, $"operator class \"{string.Join('.', name)}\" does not accept data type {definition.Names.TypeName(type)}");
        }

        return named.Oid == usual?.Oid ? 0u : named.Oid;
    }
}
