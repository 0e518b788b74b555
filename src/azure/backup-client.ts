/** Microsoft's client for Azure Backup, in a file of its own: it is large, and loaded when a vault is to be read. */
export { RecoveryServicesBackupClient } from '@azure/arm-recoveryservicesbackup';
