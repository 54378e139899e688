import type { ComposeName } from '../../core/model/topology';
import type { Translate } from '../translate';

export function composeText({ project, service }: ComposeName, t: Translate): string {
  return service === undefined ? t('project {0}', project) : t('project {0}, service {1}', project, service);
}
