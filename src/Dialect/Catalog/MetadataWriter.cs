using System.Globalization;
using System.Text.Json;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// Collects what a statement changes in the tables of <see cref="MetadataSchema"/>, and gives the steps that do it. New OIDs are drawn when the steps are
/// applied: here they are places in the order of drawing.
/// </summary>
/// <param name="exists">The tables exist; else the steps make them.</param>
internal sealed partial class MetadataWriter(bool exists)
{
    private readonly List<(string Table, IReadOnlyList<Value> Values)> _rows = [];
    private readonly List<string> _changes = [];
    private int _drawn;

    /// <summary>Draws a new OID.</summary>
    public MetadataOid Draw() => new(0, ++_drawn);

    public void AddSchema(MetadataOid oid, string name) => Add("_rqlite_namespace(oid, name)", oid, name);

    public void AddRelation(
        MetadataOid oid, MetadataOid schema, string name, char kind, string sqliteName, MetadataOid rowType, MetadataOid arrayType,
        char persistence = 'p')
    {
        // A table of this name that was dropped over HTTP has left its row.
        _changes.Add($"DELETE FROM _rqlite_class WHERE sqlite_name = {Literal(sqliteName)} COLLATE NOCASE");
        Add(
            "_rqlite_class(oid, name, namespace, kind, sqlite_name, row_type, array_type, persistence)",
            oid, name, schema, kind, sqliteName, rowType, arrayType, persistence);
    }

    /// <param name="relation">A table, a view, or an index for the key that is an expression.</param>
    /// <param name="declared">The type in SQLite's CREATE TABLE.</param>
    /// <param name="defaultOid">The default's OID; 0 without one.</param>
    public void AddColumn(MetadataOid relation, string declared, Attribute column, MetadataOid defaultOid) => Add(
        "_rqlite_attribute(relation, number, name, declared, type, modifier, dimensions, collation, not_null, default_oid, default_text, generated,"
        + " identity, sequence, dropped)",
        relation, column.Number, column.Name, declared, column.Type.Oid, column.Type.Modifier, column.Dimensions, column.Collation, column.NotNull,
        defaultOid, column.Default, column.Generated,
        column.Identity switch { IdentityKind.Always => "a", IdentityKind.ByDefault => "d", _ => "" }, column.OwnedSequence, column.Dropped);

    /// <param name="relation">The table; 0 for a constraint of a domain.</param>
    /// <param name="type">The domain; 0 for a constraint of a table.</param>
    /// <param name="index">The index of a key, or of the key that a foreign key refers to.</param>
    public void AddConstraint(
        MetadataOid oid, MetadataOid relation, MetadataOid type, ConstraintInfo constraint, MetadataOid index, MetadataOid referenced) => Add(
        "_rqlite_constraint(oid, relation, type, name, kind, columns, expression, index_oid, referenced, referenced_columns, on_update, on_delete,"
        + " match_type, is_deferrable, is_deferred, validated, no_inherit)",
        oid, relation, type, constraint.Name, PgConstraint.KindOf(constraint), Numbers(constraint.Columns), constraint.Expression, index, referenced,
        Numbers(constraint.ReferencedColumns), constraint.OnUpdate, constraint.OnDelete, constraint.Match, constraint.Deferrable,
        constraint.InitiallyDeferred, constraint.Validated, constraint.NoInherit);

    /// <summary>Adds an index; keys that are expressions are added as its columns.</summary>
    public void AddIndex(MetadataOid oid, MetadataOid relation, IndexInfo index) => Add(
        "_rqlite_index(oid, relation, name, sqlite_name, is_unique, is_primary, columns, key_count, expressions, predicate, options, operator_classes,"
        + " collations)",
        oid, relation, index.Name, index.SqliteName.Length == 0 ? null : index.SqliteName, index.Unique, index.Primary, Numbers(index.Columns),
        index.KeyCount, JsonSerializer.Serialize([.. index.Expressions], MetadataJson.Default.StringArray), index.Predicate, Numbers(index.Options),
        JsonSerializer.Serialize([.. index.OperatorClasses], MetadataJson.Default.UInt32Array),
        JsonSerializer.Serialize([.. index.Collations], MetadataJson.Default.UInt32Array));

    /// <summary>Adds an enum or a domain, without labels and constraints.</summary>
    public void AddType(MetadataOid oid, MetadataOid schema, TypeInfo type, MetadataOid arrayType) => Add(
        "_rqlite_type(oid, name, namespace, kind, array_type, base, modifier, dimensions, collation, not_null, default_text)",
        oid, type.Name, schema, type.Kind, arrayType, type.Base.Oid, type.Base.Modifier, type.Dimensions, type.Collation, type.NotNull, type.Default);

    public void AddLabel(MetadataOid oid, MetadataOid type, float place, string label) =>
        Add("_rqlite_enum(oid, type, place, label)", oid, type, new Value(place.ToString("R", CultureInfo.InvariantCulture)), label);

    public void AddView(MetadataOid relation, MetadataOid rule, string definition) =>
        Add("_rqlite_view(relation, rule, definition)", relation, rule, definition);

    public void AddDependency(uint ofClass, MetadataOid ofObject, uint referencedClass, MetadataOid referenced, int referencedSub, char kind) => Add(
        "_rqlite_depend(class, object, sub, referenced_class, referenced_object, referenced_sub, kind)",
        ofClass, ofObject, 0, referencedClass, referenced, referencedSub, kind);

    /// <summary>Sets a comment, or takes it away.</summary>
    public void SetDescription(ObjectAddress address, string? text)
    {
        _changes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"DELETE FROM _rqlite_description WHERE object = {address.Object} AND class = {address.Class} AND sub = {address.Sub}"));
        if (text is not null)
        {
            Add("_rqlite_description(object, class, sub, description)", address.Object, address.Class, address.Sub, text);
        }
    }

    /// <summary>Writes the row of a column anew, or adds it.</summary>
    public void ReplaceColumn(uint relation, string declared, Attribute column, MetadataOid defaultOid)
    {
        _changes.Add(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM _rqlite_attribute WHERE relation = {relation} AND number = {column.Number}"));
        AddColumn(relation, declared, column, defaultOid);
    }

    /// <summary>Writes the row of a constraint anew; its comment and what it depends on stay.</summary>
    public void ReplaceConstraint(uint oid, ConstraintInfo constraint, MetadataOid index, MetadataOid referenced, MetadataOid relation)
    {
        Delete("_rqlite_constraint", "oid", oid);
        AddConstraint(oid, relation, 0, constraint, index, referenced);
    }

    /// <summary>Writes the row of an index anew.</summary>
    public void ReplaceIndex(uint oid, IndexInfo index, MetadataOid relation)
    {
        Delete("_rqlite_index", "oid", oid);
        AddIndex(oid, relation, index);
    }

    /// <param name="sequence">The name in SQLite of the sequence that the column owns; null for none.</param>
    public void SetOwnedSequence(uint relation, short column, string? sequence) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"UPDATE _rqlite_attribute SET sequence = {(sequence is null ? "NULL" : Literal(sequence))} WHERE relation = {relation} AND number = {column}"));

    public void MoveRelation(uint oid, uint schema, string name, string sqliteName) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"UPDATE _rqlite_class SET name = {Literal(name)}, namespace = {schema}, sqlite_name = {Literal(sqliteName)} WHERE oid = {oid}"));

    public void MoveType(uint oid, uint schema, string name) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_type SET name = {Literal(name)}, namespace = {schema} WHERE oid = {oid}"));

    public void SetDomainDefault(uint oid, string? text) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_type SET default_text = {(text is null ? "NULL" : Literal(text))} WHERE oid = {oid}"));

    public void SetDomain(uint oid, bool notNull, string? text) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"UPDATE _rqlite_type SET not_null = {(notNull ? 1 : 0)}, default_text = {(text is null ? "NULL" : Literal(text))} WHERE oid = {oid}"));

    public void SetValidated(uint constraint) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_constraint SET validated = 1 WHERE oid = {constraint}"));

    public void RenameSchema(uint oid, string name) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_namespace SET name = {Literal(name)} WHERE oid = {oid}"));

    public void SetLabel(uint oid, string label) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_enum SET label = {Literal(label)} WHERE oid = {oid}"));

    public void SetViewDefinition(uint view, string definition) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_view SET definition = {Literal(definition)} WHERE relation = {view}"));

    /// <summary>Changes the name or the expression of a constraint.</summary>
    public void SetConstraint(uint oid, string name, string? expression) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"UPDATE _rqlite_constraint SET name = {Literal(name)}, expression = {(expression is null ? "NULL" : Literal(expression))} WHERE oid = {oid}"));

    public void SetPersistence(uint relation, char persistence) => _changes.Add(string.Create(
        CultureInfo.InvariantCulture, $"UPDATE _rqlite_class SET persistence = '{persistence}' WHERE oid = {relation}"));

    /// <summary>The steps: tables, deletions, drawing, insertions.</summary>
    public IReadOnlyList<Step> Build()
    {
        if (!exists && _rows.Count == 0)
        {
            // There is nothing that could be taken out.
            return [];
        }

        var statements = new List<string>(exists ? [] : MetadataSchema.Statements);
        statements.AddRange(_changes);
        if (_drawn > 0)
        {
            statements.Add(string.Create(CultureInfo.InvariantCulture, $"UPDATE _rqlite_oid SET next = next + {_drawn}"));
        }

        foreach (var table in _rows.GroupBy(row => row.Table))
        {
            var rows = table.Select(row => $"({string.Join(", ", row.Values.Select(value => value.Sql(_drawn)))})");
            statements.Add($"INSERT INTO {table.Key} VALUES {string.Join(", ", rows)}");
        }

        return [.. statements.Select(sql => new Step(sql, []) { Internal = true })];
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Numbers(IReadOnlyList<short> numbers) => JsonSerializer.Serialize([.. numbers], MetadataJson.Default.Int16Array);

    private void Add(string table, params Value[] values) => _rows.Add((table, values));

    /// <summary>A value of a row, as SQL.</summary>
    private readonly struct Value(string? sql, int drawn = 0)
    {
        public static implicit operator Value(MetadataOid oid) =>
            oid.Place > 0 ? new Value(null, oid.Place) : new Value(oid.Known.ToString(CultureInfo.InvariantCulture));

        public static implicit operator Value(uint value) => new(value.ToString(CultureInfo.InvariantCulture));

        public static implicit operator Value(int value) => new(value.ToString(CultureInfo.InvariantCulture));

        public static implicit operator Value(bool value) => new(value ? "1" : "0");

        public static implicit operator Value(char value) => new(Literal(value.ToString()));

        public static implicit operator Value(string? value) => new(value is null ? "NULL" : Literal(value));

        /// <param name="count">How many OIDs the statement draws; the counter stands behind the last of them.</param>
        public string Sql(int count) => drawn == 0
            ? sql!
            : string.Create(CultureInfo.InvariantCulture, $"(SELECT next - {count - drawn + 1} FROM _rqlite_oid)");
    }
}

/// <summary>An OID that is known, or one that the statement draws.</summary>
/// <param name="Place">The place in the order of drawing, from 1; 0 for a known one.</param>
internal readonly record struct MetadataOid(uint Known, int Place)
{
    public static implicit operator MetadataOid(uint known) => new(known, 0);
}
