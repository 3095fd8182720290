using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ALTER TABLE. Its actions are carried out in PostgreSQL's passes (tablecmds.c), whatever their order in the text.</summary>
internal sealed partial class TableAlteration(Definition definition)
{
    /// <summary>The passes of tablecmds.c that have actions here.</summary>
    private enum Pass
    {
        Drop,
        AlterType,
        AddColumn,
        Attributes,
        AddKey,
        AddOther,
        Misc,
    }

    private TableChange _change = null!;

    private Relation Table => _change.Now;

    public Translation Translate(AlterTableStatement statement)
    {
        var tag = "ALTER " + KindNames.Of(statement.Kind);
        if (statement.Kind is not (ObjectKind.Table or ObjectKind.View or ObjectKind.Index or ObjectKind.Sequence))
        {
            throw definition.NotSupported($"{tag} with these actions is");
        }

        if (AlteredRelation.Find(definition, statement.Kind, statement.Name.Name, statement.IfExists) is not { } table)
        {
            return definition.Build(tag);
        }

        if (table.Kind != RelationKind.Table)
        {
            AlterOther(statement, table, tag);
            return definition.Build(tag);
        }

        _change = new TableChange(definition, table);
        foreach (var command in statement.Commands)
        {
            Prepare(command);
        }

        foreach (var pass in Enum.GetValues<Pass>())
        {
            foreach (var command in statement.Commands.Where(command => PassOf(command) == pass))
            {
                Run(command);
            }

            if (pass == Pass.AlterType)
            {
                Definition.WithoutPosition(RebuildDependents);
            }
        }

        if (_change.Now != table)
        {
            _change.Write();
        }

        return definition.Build(tag);
    }

    private static Pass PassOf(AlterTableCommand command) => command.Action switch
    {
        AlterTableAction.DropColumn or AlterTableAction.DropConstraint or AlterTableAction.DropDefault or AlterTableAction.DropNotNull
            or AlterTableAction.DropIdentity or AlterTableAction.DropExpression => Pass.Drop,
        AlterTableAction.AlterType => Pass.AlterType,
        AlterTableAction.AddColumn => Pass.AddColumn,
        AlterTableAction.SetNotNull or AlterTableAction.AlterIdentity => Pass.Attributes,
        AlterTableAction.AddConstraint => command.Constraint!.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique ? Pass.AddKey : Pass.AddOther,
        AlterTableAction.SetDefault or AlterTableAction.AddIdentity => Pass.AddOther,
        _ => Pass.Misc,
    };

    /// <summary>What PostgreSQL looks at before it carries out the first action.</summary>
    private void Prepare(AlterTableCommand command)
    {
        if (command.Action == AlterTableAction.AlterType)
        {
            PrepareType(command);
        }
        else if (IsRefused(command) is { } words)
        {
            throw definition.NotSupported($"ALTER TABLE {words} is");
        }
    }

    private void Run(AlterTableCommand command)
    {
        switch (command.Action)
        {
            case AlterTableAction.AddColumn:
                AddColumn(command);
                break;
            case AlterTableAction.DropColumn:
                DropColumn(command);
                break;
            case AlterTableAction.AddConstraint:
                AddElement(command.Constraint!);
                break;
            case AlterTableAction.DropConstraint:
                DropConstraint(command);
                break;
            case AlterTableAction.ValidateConstraint:
                Validate(command.Name!);
                break;
            case AlterTableAction.AlterConstraint:
                AlterConstraint(command);
                break;
            case AlterTableAction.AlterType:
                AlterType(command);
                break;
            case AlterTableAction.SetDefault:
                SetDefault(command.Name!, command.Value!);
                break;
            case AlterTableAction.DropDefault:
                DropDefault(command.Name!);
                break;
            case AlterTableAction.SetNotNull:
                SetNotNull(command.Name!);
                break;
            case AlterTableAction.DropNotNull:
                DropNotNull(command.Name!);
                break;
            case AlterTableAction.AddIdentity:
                AddIdentity(command);
                break;
            case AlterTableAction.AlterIdentity:
                AlterIdentity(command);
                break;
            case AlterTableAction.DropIdentity:
                DropIdentity(command);
                break;
            case AlterTableAction.DropExpression:
                DropExpression(command);
                break;
            case AlterTableAction.OwnerTo:
                Owners.Require(definition, command.Owner!, "tables");
                break;
            case AlterTableAction.SetLogged or AlterTableAction.SetUnlogged:
                SetPersistence(command.Action == AlterTableAction.SetLogged ? 'p' : 'u');
                break;
            case AlterTableAction.SetOptions or AlterTableAction.ResetOptions:
                StorageParameters.Check(definition, command.Options, "table");
                break;
            case AlterTableAction.SetTablespace:
                StorageParameters.CheckTablespace(definition, command.Name);
                break;
            default:
                // SET STATISTICS, SET STORAGE, SET WITHOUT OIDS and their like change nothing that anybody sees.
                RequireColumnOf(command);
                break;
        }
    }

    /// <summary>The words of an action that is not supported; null for one that is.</summary>
    private static string? IsRefused(AlterTableCommand command) => command.Action switch
    {
        AlterTableAction.SetColumnOptions => "ALTER COLUMN SET (...)",
        AlterTableAction.ResetColumnOptions => "ALTER COLUMN RESET (...)",
        AlterTableAction.SetCompression when command.Variant != "default" => "SET COMPRESSION",
        AlterTableAction.AlterColumnForeignOptions or AlterTableAction.ForeignOptions => "OPTIONS",
        AlterTableAction.ClusterOn => "CLUSTER ON",
        AlterTableAction.EnableTrigger => "ENABLE TRIGGER",
        AlterTableAction.DisableTrigger => "DISABLE TRIGGER",
        AlterTableAction.EnableRule => "ENABLE RULE",
        AlterTableAction.DisableRule => "DISABLE RULE",
        AlterTableAction.Inherit => "INHERIT",
        AlterTableAction.NoInherit => "NO INHERIT",
        AlterTableAction.OfType => "OF",
        AlterTableAction.NotOf => "NOT OF",
        AlterTableAction.SetAccessMethod when command.Name != "heap" => "SET ACCESS METHOD",
        AlterTableAction.ReplicaIdentity when command.Variant != "DEFAULT" => "REPLICA IDENTITY",
        AlterTableAction.EnableRowSecurity => "ENABLE ROW LEVEL SECURITY",
        AlterTableAction.DisableRowSecurity => "DISABLE ROW LEVEL SECURITY",
        AlterTableAction.ForceRowSecurity => "FORCE ROW LEVEL SECURITY",
        AlterTableAction.NoForceRowSecurity => "NO FORCE ROW LEVEL SECURITY",
        AlterTableAction.AttachPartition => "ATTACH PARTITION",
        AlterTableAction.DetachPartition => "DETACH PARTITION",
        _ => null,
    };

    private void AlterOther(AlterTableStatement statement, Relation relation, string tag)
    {
        foreach (var command in statement.Commands)
        {
            if (command.Action == AlterTableAction.OwnerTo)
            {
                Owners.Require(definition, command.Owner!, relation.Kind switch
                {
                    RelationKind.View => "views",
                    RelationKind.Sequence => "sequences",
                    _ => "indexes",
                });
            }
            else
            {
                throw definition.NotSupported($"{tag} with these actions is");
            }
        }
    }

    private void SetPersistence(char persistence)
    {
        if (Table.Persistence == persistence)
        {
            return;
        }

        _change.Set(Table with { Persistence = persistence });
        var owned = Table.Attributes.Select(column => column.OwnedSequence).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var sequence in ((SchemaSnapshot)definition.Schema).Relations.Where(relation =>
            relation.Kind == RelationKind.Sequence && owned.Contains(relation.SqliteName)))
        {
            definition.Metadata.SetPersistence(sequence.Oid, persistence);
        }
    }

    private Attribute Column(string name) => Table.Attributes.FirstOrDefault(column => column.Name == name && !column.Dropped)
        ?? throw definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{Table.Name}\" does not exist");

    /// <summary>A column that an action changes, which a system column is not.</summary>
    private Attribute ChangeableColumn(string name) => !SystemColumns.Is(name) ? Column(name)
        : throw definition.Error(SqlState.FeatureNotSupported, $"cannot alter system column \"{name}\"");

    private void RequireColumnOf(AlterTableCommand command)
    {
        if (command.Name is { } name && command.Action is AlterTableAction.SetStatistics or AlterTableAction.SetStorage or AlterTableAction.SetCompression)
        {
            ChangeableColumn(name);
        }
    }
}
