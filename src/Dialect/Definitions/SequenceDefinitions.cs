using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE and ALTER SEQUENCE. What the options say is checked by Storage's functions, when the steps are applied.</summary>
internal sealed class SequenceDefinitions(Definition definition)
{
    public Translation Translate(CreateSequenceStatement statement)
    {
        if (statement.Persistence == Persistence.Temporary)
        {
            throw definition.NotSupported("temporary sequences are");
        }

        var schema = definition.SchemaOf(statement.Name with { Location = Location.None });
        var name = statement.Name.Name;
        if (statement.IfNotExists && definition.IsTaken(schema, name))
        {
            definition.Notify(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return definition.Build("CREATE SEQUENCE");
        }

        var options = SequenceOptions.ReadAll(definition, statement.Options, out var ownedBy);
        definition.RequireFree(schema, name, isType: false);
        var plan = new SequencePlan(name, definition.SqliteName(schema, name), "", options);
        SequenceSteps.Create(definition, schema, plan, statement.Persistence == Persistence.Unlogged ? 'u' : 'p');
        if (ownedBy is not null)
        {
            SetOwner(definition.Schema.FindRelation(schema.Name, name)!, ownedBy);
        }

        return definition.Build("CREATE SEQUENCE");
    }

    public Translation Translate(AlterSequenceStatement statement)
    {
        if (AlteredRelation.Find(definition, ObjectKind.Sequence, statement.Name, statement.IfExists) is not { } sequence)
        {
            return definition.Build("ALTER SEQUENCE");
        }

        var options = SequenceOptions.ReadAll(definition, statement.Options, out var ownedBy);
        if (options.Count > 0)
        {
            definition.Call("_rqlite_alter_sequence", [TableSql.Literal(sequence.SqliteName), "0", .. options]);
        }

        if (ownedBy is not null)
        {
            SetOwner(sequence, ownedBy);
        }

        return definition.Build("ALTER SEQUENCE");
    }

    private void SetOwner(Relation sequence, SequenceOption option)
    {
        var former = Owner(sequence);
        var (table, column) = option.Name is { } name ? Find(sequence, name) : (null, null);
        if (former is (_, { Identity: not IdentityKind.None }) identity)
        {
            throw definition.Error(
                SqlState.FeatureNotSupported, "cannot change ownership of identity sequence",
                detail: $"Sequence \"{sequence.Name}\" is linked to table \"{identity.Table.Name}\".");
        }

        if (former is { } owner)
        {
            definition.Metadata.SetOwnedSequence(owner.Table.Oid, owner.Column.Number, null);
        }

        if (table is null || column is null)
        {
            return;
        }

        if (column.OwnedSequence is not null && column.OwnedSequence != sequence.SqliteName)
        {
            throw definition.NotSupported("a column that owns several sequences is");
        }

        definition.Metadata.SetOwnedSequence(table.Oid, column.Number, sequence.SqliteName);
    }

    private (Relation Table, Catalog.Attribute Column)? Owner(Relation sequence)
    {
        foreach (var table in ((SchemaSnapshot)definition.Schema).Relations)
        {
            if (table.Attributes.FirstOrDefault(column => column.OwnedSequence == sequence.SqliteName) is { } column)
            {
                return (table, column);
            }
        }

        return null;
    }

    private (Relation? Table, Catalog.Attribute? Column) Find(Relation sequence, NodeList<string> name)
    {
        if (name.Count == 1)
        {
            return name[0] == "none" ? (null, null) : throw definition.Error(
                SqlState.SyntaxError, "invalid OWNED BY option", hint: "Specify OWNED BY table.column or OWNED BY NONE.");
        }

        var table = definition.RequireRelation(new QualifiedName(Location.None, [.. name.Take(name.Count - 1)]));
        if (table.Kind != RelationKind.Table)
        {
            var kinds = table.Kind switch
            {
                RelationKind.View => "views",
                RelationKind.Sequence => "sequences",
                RelationKind.Index => "indexes",
                _ => "system catalogs",
            };
            throw table.Kind == RelationKind.View
                ? definition.NotSupported("sequences that belong to columns of views are")
                : definition.Error(
                    SqlState.WrongObjectType, $"sequence cannot be owned by relation \"{table.Name}\"",
                    detail: $"This operation is not supported for {kinds}.");
        }

        if (table.Foreign)
        {
            throw definition.NotSupported($"changing table \"{table.Name}\", which was made over HTTP, is");
        }

        if (table.SchemaOid != sequence.SchemaOid)
        {
            throw definition.Error(SqlState.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to");
        }

        return (table, table.Attributes.FirstOrDefault(column => column.Name == name[^1] && !column.Dropped) ?? throw definition.Error(
            SqlState.UndefinedColumn, $"column \"{name[^1]}\" of relation \"{table.Name}\" does not exist"));
    }
}
