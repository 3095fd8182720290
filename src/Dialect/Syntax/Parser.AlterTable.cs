namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>ALTER TABLE and its kin.</summary>
public sealed partial class Parser
{
    private Statement ParseAlterRelation(Location location, ObjectKind kind)
    {
        if (kind is ObjectKind.Table or ObjectKind.Index or ObjectKind.MaterializedView && At(Keyword.All))
        {
            return ParseMoveTablespace(location, kind);
        }

        var ifExists = AcceptIfExists();
        var nameLocation = Here;
        var relation = kind is ObjectKind.Table or ObjectKind.ForeignTable ? ParseRelation() : new RelationReference(nameLocation,
            ParseQualifiedName());
        if (At(Keyword.Rename))
        {
            return ParseRenameRelation(location, kind, relation, ifExists);
        }

        var name = new ObjectName(nameLocation, relation.Name.Parts);
        if (At(Keyword.Set, Keyword.Schema) && kind != ObjectKind.Index)
        {
            Advance();
            Advance();
            return new AlterSchemaStatement(location, kind, name, ParseColumnId(), ifExists, relation.Only);
        }

        if (!ifExists && kind is ObjectKind.MaterializedView or ObjectKind.Index && (At(Keyword.Depends) || At(Keyword.No, Keyword.Depends)))
        {
            return TryParseCommonChange(location, kind, name)!;
        }

        if (kind == ObjectKind.Sequence && AtSequenceOption())
        {
            return new AlterSequenceStatement(location, relation.Name, ifExists, ParseSequenceOptions());
        }

        if (kind is ObjectKind.Table or ObjectKind.Index && (At(Keyword.Attach, Keyword.Partition) || At(Keyword.Detach, Keyword.Partition)))
        {
            return new AlterTableStatement(location, kind, relation, ifExists, [ParsePartitionCommand(kind)]);
        }

        return new AlterTableStatement(location, kind, relation, ifExists, ParseList(static p => p.ParseAlterTableCommand()));
    }

    private bool AtSequenceOption() => _token.Kind == TokenKind.Word && (_token.Keyword is Keyword.As or Keyword.Cache or Keyword.Cycle
        or Keyword.Increment
        or Keyword.Maxvalue or Keyword.Minvalue or Keyword.Owned or Keyword.Sequence or Keyword.Start or Keyword.Restart
        || (At(Keyword.No) && (Peek().Is(Keyword.Cycle) || Peek().Is(Keyword.Maxvalue) || Peek().Is(Keyword.Minvalue))));

    private MoveTablespaceStatement ParseMoveTablespace(Location location, ObjectKind kind)
    {
        Advance();
        Expect(Keyword.In, Keyword.Tablespace);
        var from = ParseColumnId();
        NodeList<RoleName> owners = [];
        if (Accept(Keyword.Owned))
        {
            Expect(Keyword.By);
            owners = ParseList(s_role);
        }

        Expect(Keyword.Set, Keyword.Tablespace);
        return new MoveTablespaceStatement(location, kind, from, owners, ParseColumnId(), Accept(Keyword.Nowait));
    }

    private RenameStatement ParseRenameRelation(Location location, ObjectKind kind, RelationReference relation, bool ifExists)
    {
        Advance();
        var nameLocation = Here;
        if (Accept(Keyword.To))
        {
            var self = new ObjectName(relation.Location, relation.Name.Parts);
            return new RenameStatement(location, kind, self, ParseColumnId(), ifExists, DropBehavior.Default) { RelationKind = kind,
                Only = relation.Only };
        }

        if (kind is ObjectKind.Index or ObjectKind.Sequence)
        {
            throw Unexpected();
        }

        var what = kind == ObjectKind.Table && Accept(Keyword.Constraint) ? ObjectKind.TableConstraint : ObjectKind.Column;
        if (what == ObjectKind.Column)
        {
            Accept(Keyword.Column);
        }

        var name = new ObjectName(nameLocation, [ParseColumnId()]) { On = relation.Name.Parts };
        Expect(Keyword.To);
        return new RenameStatement(location, what, name, ParseColumnId(), ifExists, DropBehavior.Default) { RelationKind = kind,
            Only = relation.Only };
    }

    private AlterTableCommand ParsePartitionCommand(ObjectKind kind)
    {
        var location = Here;
        if (Accept(Keyword.Attach))
        {
            Expect(Keyword.Partition);
            var attached = ParseQualifiedName();
            return new AlterTableCommand(location, AlterTableAction.AttachPartition)
            {
                Relation = attached, Bound = kind == ObjectKind.Table ? ParsePartitionBound() : null,
            };
        }

        if (kind == ObjectKind.Index)
        {
            throw Unexpected();
        }

        Expect(Keyword.Detach, Keyword.Partition);
        return new AlterTableCommand(location, AlterTableAction.DetachPartition)
        {
            Relation = ParseQualifiedName(),
            Variant = Accept(Keyword.Concurrently) ? "CONCURRENTLY" : Accept(Keyword.Finalize) ? "FINALIZE" : null,
        };
    }

    private AlterTableCommand ParseAlterTableCommand()
    {
        var location = Here;
        AlterTableCommand New(AlterTableAction action, string? name = null) => new(location, action, name);

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Add:
                Advance();
                return ParseAddToTable(location);
            case Keyword.Drop:
                Advance();
                return ParseDropFromTable(location);
            case Keyword.Alter:
                Advance();
                return ParseAlterColumn(location);
            case Keyword.Validate:
                Advance();
                Expect(Keyword.Constraint);
                return New(AlterTableAction.ValidateConstraint, ParseColumnId());
            case Keyword.Cluster:
                Advance();
                Expect(Keyword.On);
                return New(AlterTableAction.ClusterOn, ParseColumnId());
            case Keyword.Set:
                Advance();
                return ParseSetOfTable(location);
            case Keyword.Reset:
                Advance();
                return New(AlterTableAction.ResetOptions) with { Options = ParseReloptions() };
            case Keyword.Enable or Keyword.Disable:
                return ParseEnable(location);
            case Keyword.Force:
                Advance();
                ExpectRowSecurity();
                return New(AlterTableAction.ForceRowSecurity);
            case Keyword.Inherit:
                Advance();
                return New(AlterTableAction.Inherit) with { Relation = ParseQualifiedName() };
            case Keyword.No:
                Advance();
                if (Accept(Keyword.Force))
                {
                    ExpectRowSecurity();
                    return New(AlterTableAction.NoForceRowSecurity);
                }

                Expect(Keyword.Inherit);
                return New(AlterTableAction.NoInherit) with { Relation = ParseQualifiedName() };
            case Keyword.Of:
                Advance();
                return New(AlterTableAction.OfType) with { Type = new TypeName(Here, ParseAnyName(), [], []) };
            case Keyword.Not:
                Advance();
                Expect(Keyword.Of);
                return New(AlterTableAction.NotOf);
            case Keyword.Owner:
                Advance();
                Expect(Keyword.To);
                return New(AlterTableAction.OwnerTo) with { Owner = ParseRole() };
            case Keyword.Replica:
                Advance();
                Expect(Keyword.Identity);
                return ParseReplicaIdentity(location);
            case Keyword.Options:
                return New(AlterTableAction.ForeignOptions) with { Options = ParseForeignOptionChanges() };
            default:
                throw Unexpected();
        }
    }

    private void ExpectRowSecurity()
    {
        Expect(Keyword.Row, Keyword.Level);
        Expect(Keyword.Security);
    }

    private AlterTableCommand ParseReplicaIdentity(Location location)
    {
        var command = new AlterTableCommand(location, AlterTableAction.ReplicaIdentity);
        if (Accept(Keyword.Using))
        {
            Expect(Keyword.Index);
            return command with { Name = ParseColumnId() };
        }

        return command with
        {
            Variant = Accept(Keyword.Full) ? "FULL" : Accept(Keyword.Nothing) ? "NOTHING" : Accept(Keyword.Default) ? "DEFAULT" : throw Unexpected(),
        };
    }

    private AlterTableCommand ParseAddToTable(Location location)
    {
        if (AtTableConstraint())
        {
            return new AlterTableCommand(location, AlterTableAction.AddConstraint) { Constraint = ParseTableConstraint() };
        }

        Accept(Keyword.Column);
        var ifNotExists = AcceptIfNotExists();
        var column = ParseColumnDefinition();
        return new AlterTableCommand(location, AlterTableAction.AddColumn, column.Name) { Column = column, IfNotExists = ifNotExists };
    }

    private AlterTableCommand ParseDropFromTable(Location location)
    {
        var action = Accept(Keyword.Constraint) ? AlterTableAction.DropConstraint : AlterTableAction.DropColumn;
        if (action == AlterTableAction.DropColumn)
        {
            Accept(Keyword.Column);
        }

        var ifExists = At(Keyword.If, Keyword.Exists) && AcceptIfExists();
        return new AlterTableCommand(location, action, ParseColumnId()) { IfExists = ifExists, Behavior = ParseDropBehavior() };
    }

    private AlterTableCommand ParseSetOfTable(Location location)
    {
        AlterTableCommand New(AlterTableAction action, string? name = null) => new(location, action, name);

        if (Accept(Keyword.Without))
        {
            return Accept(Keyword.Cluster) ? New(AlterTableAction.SetWithoutCluster)
                : Accept(Keyword.Oids) ? New(AlterTableAction.SetWithoutOids) : throw Unexpected();
        }

        if (Accept(Keyword.Access))
        {
            Expect(Keyword.Method);
            return New(AlterTableAction.SetAccessMethod, ParseColumnId());
        }

        return Accept(Keyword.Logged) ? New(AlterTableAction.SetLogged)
            : Accept(Keyword.Unlogged) ? New(AlterTableAction.SetUnlogged)
            : Accept(Keyword.Tablespace) ? New(AlterTableAction.SetTablespace, ParseColumnId())
            : New(AlterTableAction.SetOptions) with { Options = ParseReloptions() };
    }

    private AlterTableCommand ParseEnable(Location location)
    {
        var enable = At(Keyword.Enable);
        Advance();
        if (At(Keyword.Row))
        {
            ExpectRowSecurity();
            return new AlterTableCommand(location, enable ? AlterTableAction.EnableRowSecurity : AlterTableAction.DisableRowSecurity);
        }

        var variant = enable && Accept(Keyword.Always) ? "ALWAYS" : enable && Accept(Keyword.Replica) ? "REPLICA" : null;
        if (Accept(Keyword.Rule))
        {
            return new AlterTableCommand(location, enable ? AlterTableAction.EnableRule : AlterTableAction.DisableRule,
                ParseColumnId()) { Variant = variant };
        }

        Expect(Keyword.Trigger);
        var command = new AlterTableCommand(location, enable ? AlterTableAction.EnableTrigger
            : AlterTableAction.DisableTrigger) { Variant = variant };
        return variant is null && Accept(Keyword.All) ? command with { Variant = "ALL" }
            : variant is null && Accept(Keyword.User) ? command with { Variant = "USER" }
            : command with { Name = ParseColumnId() };
    }
}
