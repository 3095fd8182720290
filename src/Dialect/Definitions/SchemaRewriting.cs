using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Carries out that objects have other names: in SQLite, in the metadata, and in the texts that name them, which are bound in the former schema and printed in
/// the new one.
/// </summary>
/// <param name="before">The schema as the statement found it.</param>
/// <param name="after">The same objects under other names; the texts are still the former ones.</param>
internal sealed class SchemaRewriting(Definition definition, SchemaSnapshot before, SchemaSnapshot after)
{
    private readonly SchemaNames _reader = new(before, SchemaNames.DefaultPath, "");

    private IReadOnlyCollection<uint> _tables = [];
    private IReadOnlyCollection<uint> _views = [];
    private IReadOnlyCollection<uint> _domains = [];
    private SchemaSnapshot _after = after;

    /// <summary>Adds the steps.</summary>
    /// <param name="changed">The objects that have other names; columns with their numbers.</param>
    public void Write(IReadOnlySet<ObjectAddress> changed)
    {
        var uses = new SchemaUses(before, changed);
        (_tables, _views, _domains) = (uses.Tables, uses.Views, uses.Domains);
        RefuseForeign();
        MoveRelations();
        foreach (var domain in _domains)
        {
            RewriteDomain(before.FindType(domain)!, _after.FindType(domain)!);
        }

        foreach (var oid in _tables)
        {
            var (former, table) = (before.FindRelation(oid)!, _after.FindRelation(oid)!);
            _after = SnapshotChange.WithTable(_after, WithTexts(former, table));
        }

        foreach (var oid in _tables)
        {
            RewriteTable(before.FindRelation(oid)!, _after.FindRelation(oid)!);
        }

        foreach (var oid in _views)
        {
            RewriteView(before.FindRelation(oid)!, _after.FindRelation(oid)!);
        }

        definition.Advance(_after);
        foreach (var oid in changed.Where(address => address.Class == ClassOids.PgClass).Select(address => address.Object).Distinct())
        {
            DependentViews.Refresh(definition, before, oid, _views);
        }
    }

    private void RefuseForeign()
    {
        if (_tables.Concat(_views).Select(oid => before.FindRelation(oid)!).FirstOrDefault(relation => relation.Foreign) is { } foreign)
        {
            throw definition.NotSupported(
                $"changing {(foreign.Kind == RelationKind.View ? "view" : "table")} \"{foreign.Name}\", which was made over HTTP, is");
        }
    }

    private void MoveRelations()
    {
        foreach (var former in before.Relations)
        {
            var relation = former;
            var moved = _after.FindRelation(relation.Oid)!;
            if (relation.Kind is RelationKind.Index || (moved.Name == relation.Name && moved.SchemaOid == relation.SchemaOid
                && moved.SqliteName == relation.SqliteName))
            {
                continue;
            }

            if (moved.SqliteName != relation.SqliteName)
            {
                if (relation.Kind == RelationKind.Table)
                {
                    if (moved.SqliteName.Equals(relation.SqliteName, StringComparison.OrdinalIgnoreCase))
                    {
                        // SQLite finds that the table itself has the name, so the way leads over another one.
                        var between = FreeName(moved.SqliteName);
                        definition.Step($"ALTER TABLE {TableSql.Quote(relation.SqliteName)} RENAME TO {TableSql.Quote(between)}");
                        relation = relation with { SqliteName = between };
                    }

                    definition.Step($"ALTER TABLE {TableSql.Quote(relation.SqliteName)} RENAME TO {TableSql.Quote(moved.SqliteName)}");
                }
                else if (relation.Kind == RelationKind.Sequence)
                {
                    definition.Call("_rqlite_rename_sequence", TableSql.Literal(relation.SqliteName), "0", TableSql.Literal(moved.SqliteName));
                }
            }

            definition.Metadata.MoveRelation(relation.Oid, moved.SchemaOid, moved.Name, moved.SqliteName);
        }
    }

    private string FreeName(string name)
    {
        do
        {
            name += "_";
        }
        while (before.Relations.Concat(_after.Relations).Any(relation => relation.SqliteName.Equals(name, StringComparison.OrdinalIgnoreCase)));
        return name;
    }

    private string Again(string text, Relation? former, Relation? table, ExpressionKind kind) =>
        Deparser.Expression(CatalogExpressions.Bind(text, former, kind, before), _after, table, _reader, before);

    private Relation WithTexts(Relation former, Relation table) => table with
    {
        Attributes = [.. table.Attributes.Select(column => column.Default is not { } text ? column : column with
        {
            Default = Deparser.Expression(
                CatalogExpressions.BindDefault(text, former.Attributes[column.Number - 1], column.Generated ? former : null, before), _after, table, _reader,
                before),
        })],
        Constraints = [.. table.Constraints.Select(constraint => constraint.Expression is not { } text ? constraint : constraint with
        {
            Expression = Again(text, former, table, ExpressionKind.CheckConstraint),
        })],
        Indexes = [.. table.Indexes.Select(index => index with
        {
            Expressions = [.. index.Expressions.Select(text => Again(text, former, table, ExpressionKind.IndexExpression))],
            Predicate = index.Predicate is { } text ? Again(text, former, table, ExpressionKind.IndexPredicate) : null,
        })],
    };

    private void RewriteTable(Relation former, Relation table)
    {
        foreach (var (old, now) in former.Attributes.Zip(table.Attributes).Where(pair => pair.First.Name != pair.Second.Name))
        {
            definition.Step(
                $"ALTER TABLE {TableSql.Quote(table.SqliteName)} RENAME COLUMN {TableSql.Quote(old.Name)} TO {TableSql.Quote(now.Name)}");
        }

        // SQLite's own changes keep the form in which names were written, so the text is made anew in any case.
        definition.Call(
            "_rqlite_rewrite_definition", "'table'", TableSql.Literal(table.SqliteName), TableSql.Literal(TableRewriting.ToSql(table, _after)));
        var texts = new HashSet<uint>();
        foreach (var (old, now) in former.Indexes.Zip(table.Indexes))
        {
            if (!old.Expressions.SequenceEqual(now.Expressions) || old.Predicate != now.Predicate)
            {
                texts.Add(now.Oid);
            }

            if (now.SqliteName.Length == 0)
            {
                continue;
            }

            if (old.SqliteName != now.SqliteName)
            {
                definition.Step($"DROP INDEX {TableSql.Quote(old.SqliteName)}");
                definition.Step(IndexSql.Of(table, now, _after));
            }
            else
            {
                definition.Call(
                    "_rqlite_rewrite_definition", "'index'", TableSql.Literal(now.SqliteName), TableSql.Literal(IndexSql.Of(table, now, _after)));
            }
        }

        definition.Advance(_after);
        new TableMetadata(definition, former, table, texts).Write();
    }

    private void RewriteView(Relation former, Relation view)
    {
        var text = former.Definition ?? throw definition.NotSupported($"changing view \"{former.Name}\", which was made over HTTP, is");
        var query = Bind(text, before);
        if (former.Attributes.Select(column => column.Name).SequenceEqual(view.Attributes.Select(column => column.Name)))
        {
            RefuseMerged(query, former);
        }

        var changed = Deparser.View(query, _after, [.. view.Attributes.Select(column => column.Name)], _reader, before);
        var sql = ViewSql.Of(definition, view, Bind(changed, _after), _after);
        if (former.SqliteName != view.SqliteName)
        {
            ForeignUse.RefuseRenaming(definition, former);
            definition.Step($"DROP VIEW {TableSql.Quote(former.SqliteName)}");
            definition.Step(sql);
        }
        else
        {
            definition.Call("_rqlite_rewrite_definition", "'view'", TableSql.Literal(view.SqliteName), TableSql.Literal(sql));
        }

        if (changed != text)
        {
            definition.Metadata.SetViewDefinition(view.Oid, changed);
        }

        foreach (var column in view.Attributes.Where(column => column.Name != former.Attributes[column.Number - 1].Name))
        {
            definition.Metadata.ReplaceColumn(view.Oid, "", column, 0);
        }
    }

    // A merged column has one name on both sides, which PostgreSQL keeps by giving aliases.
    private void RefuseMerged(BoundQuery query, Relation view)
    {
        foreach (var entry in query.Relations)
        {
            switch (entry)
            {
                case JoinEntry join when (join.Using.Count > 0 || join.Alias is not null) && RenamesColumns():
                    throw definition.NotSupported($"renaming columns while view \"{view.Name}\" joins with USING is");
                case SubqueryEntry subquery:
                    RefuseMerged(subquery.Query, view);
                    break;
            }
        }

        foreach (var table in query.CommonTables)
        {
            RefuseMerged(table.Query, view);
        }
    }

    private bool RenamesColumns() => before.Relations.Any(relation => _after.FindRelation(relation.Oid) is { } now
        && !relation.Attributes.Select(column => column.Name).SequenceEqual(now.Attributes.Select(column => column.Name)));

    private BoundQuery Bind(string text, SchemaSnapshot schema) => ViewSql.Bind(definition, text, schema);

    private void RewriteDomain(TypeInfo former, TypeInfo domain)
    {
        if (former.Default is { } text)
        {
            var changed = Deparser.Expression(
                CatalogExpressions.BindDefault(text, new Catalog.Attribute(1, former.Name, former.Base, 0), null, before), _after, null, _reader, before);
            if (changed != text)
            {
                definition.Metadata.SetDomainDefault(former.Oid, changed);
            }
        }

        foreach (var constraint in former.Constraints.Where(constraint => constraint.Expression is not null))
        {
            var context = new BindContext(before, SchemaNames.DefaultPath, new ParameterTypes([])) { Text = constraint.Expression! };
            var value = ExpressionBinder.BindDomainCheck(Syntax.Parser.ParseExpression(constraint.Expression!), former.Base, context);
            var changed = Deparser.Expression(value, _after, null, _reader, before);
            if (changed != constraint.Expression)
            {
                definition.Metadata.SetConstraint(constraint.Oid, constraint.Name, changed);
                _after = SnapshotChange.With(_after, types: _after.Types.Select(type => type.Oid != domain.Oid ? type : type with
                {
                    Constraints = [.. type.Constraints.Select(other => other.Oid == constraint.Oid ? other with { Expression = changed } : other)],
                }));
            }
        }
    }
}
