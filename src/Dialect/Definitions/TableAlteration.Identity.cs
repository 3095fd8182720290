using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>Identity columns.</content>
internal sealed partial class TableAlteration
{
    private void AddIdentity(AlterTableCommand command)
    {
        var column = ChangeableColumn(command.Name!);
        var named = $"column \"{column.Name}\" of relation \"{Table.Name}\"";
        if (!StoredColumns.IsInteger(column.Type))
        {
            throw definition.Error(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        }

        var reason = !column.NotNull ? $"{named} must be declared NOT NULL before identity can be added"
            : column.Identity != IdentityKind.None ? $"{named} is already an identity column"
            : column.Default is not null ? $"{named} already has a default value"
            : column.OwnedSequence is not null ? null
            : "";
        switch (reason)
        {
            case null:
                throw definition.NotSupported("a column that owns several sequences is");
            case { Length: > 0 }:
                throw definition.Error(SqlState.ObjectNotInPrerequisiteState, reason);
        }

        var plan = TablePlan.Of(Table, definition.Schema.FindSchema(Table.Schema)!);
        var sequence = new TableAnalysis(definition, plan).SequenceOf(plan.Columns[column.Number - 1], column.Type, command.Constraint!.Sequence);
        SequenceSteps.Create(definition, plan.Schema, sequence, Table.Persistence);
        _change.SetColumn(column with
        {
            Identity = command.Constraint.Always ? IdentityKind.Always : IdentityKind.ByDefault,
            OwnedSequence = sequence.SqliteName,
        });
    }

    private void AlterIdentity(AlterTableCommand command)
    {
        var column = IdentityColumn(command, ifExists: false)!;
        var options = new List<SequenceOption>();
        var kind = IdentityKind.None;
        foreach (var option in command.Sequence)
        {
            if (option.Kind is not (SequenceOptionKind.GeneratedAlways or SequenceOptionKind.GeneratedByDefault))
            {
                options.Add(option);
                continue;
            }

            if (kind != IdentityKind.None)
            {
                throw definition.Error(SqlState.SyntaxError, "conflicting or redundant options", option.Location);
            }

            kind = option.Kind == SequenceOptionKind.GeneratedAlways ? IdentityKind.Always : IdentityKind.ByDefault;
        }

        if (options.Count > 0)
        {
            definition.Call(
                "_rqlite_alter_sequence",
                [TableSql.Literal(column.OwnedSequence!), "0", .. SequenceOptions.Read(definition, [.. options], null)]);
        }

        if (kind != IdentityKind.None && kind != column.Identity)
        {
            _change.SetColumn(column with { Identity = kind });
        }
    }

    private void DropIdentity(AlterTableCommand command)
    {
        if (IdentityColumn(command, command.IfExists) is not { } column)
        {
            return;
        }

        // Without its owner the sequence is dropped as others are, unless something else depends on it.
        _change.SetColumn(column with { Identity = IdentityKind.None, OwnedSequence = null });
        if (((SchemaSnapshot)definition.Schema).Relations.FirstOrDefault(relation =>
            relation.Kind == RelationKind.Sequence && relation.SqliteName == column.OwnedSequence) is { } sequence)
        {
            Drop(new ObjectAddress(ClassOids.PgClass, sequence.Oid, 0), DropBehavior.Restrict);
        }
    }

    private Catalog.Attribute? IdentityColumn(AlterTableCommand command, bool ifExists)
    {
        var column = ChangeableColumn(command.Name!);
        if (column.Identity != IdentityKind.None)
        {
            return column;
        }

        NotInState($"column \"{column.Name}\" of relation \"{Table.Name}\" is not an identity column", ifExists);
        return null;
    }
}
